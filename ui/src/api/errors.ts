/** Everything that can go wrong between the page and the API, each with what to do about it. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly help: string,
    /** What is wrong with which field, where the API says so: `budget_limits.0.max_budget`. */
    readonly fields: ReadonlyMap<string, string> = new Map(),
    /** The kind of error, as the API names it. */
    readonly type: string = "",
  ) {
    super(message);
  }

  /** The field that is wrong, if the API named one. */
  get param(): string | null {
    return this.fields.keys().next().value ?? null;
  }

  /** Whether the key is the problem, so that signing in again may help. */
  get unauthorized(): boolean {
    return this.status === 401;
  }
}

const HELP: Record<number, string> = {
  400: "Change what it names.",
  401: "The key is wrong, blocked or expired, or may not do that. Sign in with another one.",
  403: "This key may not see that. Ask for one with the scope that is missing.",
  404: "It may have been deleted since, or the address has a mistake.",
  409: "It was changed by somebody else meanwhile. Reload and try again.",
  422: "Change what it names.",
  429: "Too many questions at once. Wait a moment and try again.",
};

/** An error in an answer, read from any of the shapes in which the API tells it. */
export function refusal(status: number, body: unknown): ApiError {
  const { message, fields, type } = told(body);
  const help = HELP[status] ?? "The API has a problem of its own. Try again; if it stays, look at its log.";
  const text = message ?? `The API answered ${status} without saying why.`;
  return new ApiError(text, status, help, fields, type);
}

type Fault = { loc: readonly (string | number)[]; msg: string };
type Refused = {
  error?: { message?: string; type?: string; param?: string | null };
  detail?: string | { error?: string } | readonly Fault[];
};
type Told = { message: string | undefined; fields?: ReadonlyMap<string, string>; type?: string | undefined };

/** LiteLLM's and OpenAI's envelope, or a `detail`: a text, an error, or a list of bad fields. */
function told(body: unknown): Told {
  const { error, detail } = (body ?? {}) as Refused;
  if (error) return { message: error.message, fields: named(error.param, error.message), type: error.type };
  if (typeof detail === "string") return { message: detail };
  if (isList(detail)) return ofFaults(detail);
  return {
    message: detail?.error,
    fields: named(/^[a-z]+(?:_[a-z]+)+(?= )/.exec(detail?.error ?? "")?.[0], detail?.error),
  };
}

function isList(detail: Refused["detail"]): detail is readonly Fault[] {
  return Array.isArray(detail);
}

function named(param: string | null | undefined, message: string | undefined): ReadonlyMap<string, string> {
  return new Map(param && message ? [[param, message]] : []);
}

function ofFaults(faults: readonly Fault[]): Told {
  const fields = new Map(
    faults.map(({ loc, msg }) => [loc.slice(1).join("."), msg.replace(/^Value error, /, "")]),
  );
  const message = [...fields].map(([field, text]) => (field ? `${field}: ${text}` : text)).join("; ");
  return { message, fields };
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

export function noConfig(status: number): ApiError {
  return new ApiError(
    "The page's config.json is missing or is not JSON.",
    status,
    'It stands beside index.html and names the API: {"api": "https://…"}; {} means that the API is on the same host.',
  );
}

export function tooSlow(seconds: number): ApiError {
  return new ApiError(
    `The API did not answer within ${seconds} seconds.`,
    0,
    "Try again, or ask for fewer days or customers.",
  );
}
