/** Everything that can go wrong between the page and the API, each with what to do about it. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly help: string,
    readonly param: string | null = null,
  ) {
    super(message);
  }

  /** Whether the key is the problem, so that signing in again may help. */
  get unauthorized(): boolean {
    return this.status === 401;
  }
}

const HELP: Record<number, string> = {
  400: "Change the filter that it names.",
  401: "The key is wrong, blocked or expired. Sign in with another one.",
  403: "This key may not see that. Ask for one with the scope that is missing.",
  404: "It may have been deleted since, or the address has a mistake.",
  409: "It was changed by somebody else meanwhile. Reload and try again.",
  429: "Too many questions at once. Wait a moment and try again.",
};

/** The error in an answer that is one: LiteLLM's and OpenAI's envelope, or whatever else came. */
export function refusal(status: number, body: unknown): ApiError {
  const envelope = (body as { error?: { message?: string; param?: string } } | null)?.error;
  const message = envelope?.message ?? `The API answered ${status} without saying why.`;
  const help = HELP[status] ?? "The API has a problem of its own. Try again; if it stays, look at its log.";
  return new ApiError(message, status, help, envelope?.param ?? null);
}

export function unreachable(): ApiError {
  return new ApiError(
    "The API cannot be reached.",
    0,
    "Is it running, and are you online? The page tries again when you ask it to.",
  );
}

export function nonsense(status: number): ApiError {
  return new ApiError(
    "The API answered something that is not JSON.",
    status,
    "The address in config.json may be another server's, or a proxy in between answered instead.",
  );
}

export function tooSlow(seconds: number): ApiError {
  return new ApiError(
    `The API did not answer within ${seconds} seconds.`,
    0,
    "Try again, or ask for fewer days or customers.",
  );
}
