"""The usage page as it is served: which file, with which headers, and what never leaves its folder."""

import gzip
from pathlib import Path

import httpx2
import pytest

from local import page_files, template
from local.page import page

HEADERS = template.read("http://x").page_headers()
SCRIPT = "export const tollgate = 1;\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page that is built, beside a file that is not of it."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>Tollgate</title>")
    (built / "config.json").write_text('{"api": ""}')
    (built / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (built / "assets" / "sans-3c4d.woff2").write_bytes(b"font")
    (tmp_path / "secret.txt").write_text("secret")
    (built / "out.txt").symlink_to(tmp_path / "secret.txt")
    return built


def opened(folder: Path) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(page(HEADERS, folder))
    return httpx2.AsyncClient(transport=transport, base_url="http://tollgate")


@pytest.fixture
def http(folder: Path) -> httpx2.AsyncClient:
    return opened(folder)


async def test_the_page_is_served_and_asked_for_each_time(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/ui/?login=success&page=new_usage")
    assert (answer.status_code, answer.text) == (200, "<title>Tollgate</title>")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "text/html; charset=utf-8",
        "no-cache",
    )
    again = await http.get("/ui/", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


async def test_without_its_slash_the_question_is_kept(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/ui?login=success&page=new_usage")
    assert (answer.status_code, answer.headers["location"]) == (308, "/ui/?login=success&page=new_usage")
    assert (await http.get("/ui")).headers["location"] == "/ui/"


async def test_what_is_named_after_its_content_is_kept_for_good(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/ui/assets/index-1a2b.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (await http.get("/ui/assets/sans-3c4d.woff2")).headers["content-type"] == "font/woff2"


async def test_a_script_goes_compressed(http: httpx2.AsyncClient) -> None:
    async with http.stream("GET", "/ui/assets/index-1a2b.js", headers={"accept-encoding": "gzip"}) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(sent) < 200
    assert gzip.decompress(sent).decode() == SCRIPT


async def test_the_page_is_told_where_the_api_is(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/ui/config.json")
    assert (answer.json(), answer.headers["cache-control"]) == ({"api": ""}, "no-cache")


@pytest.mark.parametrize(
    "path", ["/ui/", "/ui", "/ui/assets/index-1a2b.js", "/ui/config.json", "/ui/none.js"]
)
async def test_every_answer_has_the_templates_headers(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/ui/../secret.txt", "/ui/..%2fsecret.txt", "/ui/%2e%2e/secret.txt", "/ui//etc/passwd", "/ui/out.txt"],
)
async def test_nothing_outside_of_its_folder_is_served(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_it_is_only_read(http: httpx2.AsyncClient) -> None:
    answers = [await http.request(method, "/ui/") for method in ("POST", "PUT", "DELETE", "OPTIONS")]
    assert [answer.status_code for answer in answers] == [405] * 4
    assert (await http.head("/ui/")).status_code == 200


async def test_a_page_that_is_not_built_says_what_builds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    http = opened(tmp_path / "not built")
    answer = await http.get("/ui/")
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert HEADERS.items() <= dict(answer.headers).items()
    monkeypatch.setattr(page_files, "PAGE", tmp_path)
    assert not page_files.is_built()
