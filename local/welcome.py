"""What a person is told when the stack is ready."""

import json
import os

from local import page_files
from local.settings import DEMO_KEY, StackSettings

_CALL = {
    "model": "gpt-4o-mini",
    "user": "customer-1",
    "messages": [{"role": "user", "content": "Hello"}],
}


def text(settings: StackSettings, seconds: float) -> str:
    """The URL, the key (only the demo one is ever shown) and a call to try."""
    is_demo = settings.tollgate_master_key.get_secret_value() == DEMO_KEY
    key = DEMO_KEY if is_demo else "$TOLLGATE_MASTER_KEY"
    lines = [
        f"Tollgate is ready after {seconds:.1f} s. {settings.tollgate_home} keeps its books.",
        "",
        f"  URL     {settings.url}",
        f"  Key     {key if is_demo else 'your TOLLGATE_MASTER_KEY'}",
        f"  Page    {_page(settings)}",
        f"  OpenAI  {_provider(settings.openai_api_key.get_secret_value(), settings)}",
        f"  Claude  {_provider(settings.anthropic_api_key.get_secret_value(), settings)}",
        f"  Logs    {settings.tollgate_home / 'logs'}{os.sep}",
        "",
        "Try a call, then ask what it cost:",
        "",
        f"  curl {settings.url}/v1/chat/completions \\",
        f'    -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\',
        f"    -d '{json.dumps(_CALL)}'",
        f'  curl -H "Authorization: Bearer {key}" "{settings.url}/customer/info?end_user_id=customer-1"',
        "",
    ]
    return "\n".join(lines)


def _page(settings: StackSettings) -> str:
    return f"{settings.url}/ui/" if page_files.is_built() else "not built; the start says why"


def _provider(key: str, settings: StackSettings) -> str:
    return "the real API, with your key" if key else f"the demo provider on {settings.demo_url}"
