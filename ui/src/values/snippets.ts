/** What a first call is made with. */
export type Call = {
  /** The API's address, without a slash at its end. */
  base: string;
  key: string;
  /** The customer that the call is for; null when the key speaks for its own. */
  customer: string | null;
  /** The models that the key may call; none means all. */
  models?: readonly string[];
};

type Snippet = { id: string; label: string; text: string; shell: boolean };

/** The customer of the examples. */
export const EXAMPLE = "acme";
const OPENAI = "gpt-4o";
const ANTHROPIC = "claude-opus-5";

/** A first call with each of the usual clients, ready to be pasted. */
export function snippetsOf(call: Call): Snippet[] {
  return [
    { id: "curl", label: "curl", text: curl(call), shell: true },
    { id: "openai", label: "OpenAI SDK", text: openai(call), shell: false },
    { id: "anthropic", label: "Anthropic SDK", text: anthropic(call), shell: false },
    { id: "claude-code", label: "Claude Code", text: claudeCode(call), shell: true },
  ];
}

function curl({ base, key, customer, models }: Call): string {
  const body = { model: model(models, OPENAI), messages: [{ role: "user", content: "Hello" }] };
  const named = customer === null ? "" : ` -H ${quoted(`x-litellm-customer-id: ${customer}`)}`;
  return [
    `curl ${quoted(`${base}/v1/chat/completions`)} -H ${quoted(`Authorization: Bearer ${key}`)} \\`,
    `  -H "Content-Type: application/json"${named} \\`,
    `  -d ${quoted(JSON.stringify(body))}`,
  ].join("\n");
}

function openai({ base, key, customer, models }: Call): string {
  const user = customer === null ? "" : `, user=${python(customer)}`;
  return [
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${python(`${base}/v1`)}, api_key=${python(key)})`,
    "client.chat.completions.create(",
    `    model=${python(model(models, OPENAI))}, messages=[{"role": "user", "content": "Hello"}]${user}`,
    ")",
  ].join("\n");
}

function anthropic({ base, key, customer, models }: Call): string {
  return [
    "import anthropic",
    "",
    `client = anthropic.Anthropic(base_url=${python(base)}, api_key=${python(key)})`,
    "client.messages.create(",
    `    model=${python(model(models, ANTHROPIC))},`,
    "    max_tokens=100,",
    '    messages=[{"role": "user", "content": "Hello"}],',
    ...(customer === null ? [] : [`    metadata={"user_id": ${python(customer)}},`]),
    ")",
  ].join("\n");
}

function claudeCode({ base, key, customer }: Call): string {
  return [
    `export ANTHROPIC_BASE_URL=${quoted(`${base}/v1/messages`)} ANTHROPIC_API_KEY=${quoted(key)}`,
    ...(customer === null
      ? []
      : [`export ANTHROPIC_CUSTOM_HEADERS=${quoted(`x-litellm-customer-id: ${customer}`)}`]),
    "claude",
  ].join("\n");
}

/** The usual model, if the key may call it; else the first of the same maker that it names whole. */
function model(models: readonly string[] | undefined, usual: string): string {
  if (!models?.length || models.includes(usual)) return usual;
  const claude = usual.startsWith("claude");
  const whole = models.filter((one) => !/[*?]/.test(one));
  return whole.find((one) => one.includes("claude") === claude) ?? usual;
}

/** A text as one word of a shell, whatever it holds. */
export function quoted(text: string): string {
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}

function python(text: string): string {
  return JSON.stringify(text);
}

/** A request of the API as a command; the key stays in a variable. */
export function postCommand(base: string, path: string, body: string): string {
  return [
    `curl ${quoted(`${base}${path}`)} -H "Authorization: Bearer $TOLLGATE_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${quoted(body)}`,
  ].join("\n");
}
