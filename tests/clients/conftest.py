from collections.abc import Iterator

import openai
import pytest

from tests.clients.stack import KEY, Stack, running

OPEN_WEBUI = '[{"header_name": "X-OpenWebUI-User-Email", "litellm_user_role": "customer"}]'


@pytest.fixture(scope="session")
def _stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack"), USER_HEADER_MAPPINGS=OPEN_WEBUI) as stack:
        yield stack


@pytest.fixture
def stack(_stack: Stack, socket_enabled: None) -> Stack:
    """One stack for all tests; each begins with an empty truth and no faults."""
    _stack.forget()
    return _stack


@pytest.fixture
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{stack.url}/v1", api_key=KEY, max_retries=0, timeout=20) as client:
        yield client
