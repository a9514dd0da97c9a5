"""The page, uploaded and served by CloudFront as the emulator knows it; the API's /ui leads there."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from local import template
from local.deploy import account
from local.page_files import PAGE
from tests.e2e.running import Deployed

HEADERS = template.read("http://x").page_headers()
LINK = "?login=success&page=new_usage"


@pytest.fixture
def cloudfront(stack: Deployed) -> Iterator[httpx2.Client]:
    """The distribution, asked through TLS as far as the emulator can tell."""
    host = urlsplit(stack.outputs["PageUrl"]).netloc
    headers = {"host": host, "x-forwarded-proto": "https"}
    with httpx2.Client(base_url=stack.endpoint, headers=headers, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", ["/ui/", f"/ui/{LINK}", "/ui/index.html"])
def test_the_index_is_the_built_one_with_the_local_stacks_headers(
    cloudfront: httpx2.Client, path: str
) -> None:
    answer = cloudfront.get(path)
    assert (answer.status_code, answer.content) == (200, (PAGE / "index.html").read_bytes())
    assert answer.headers["cache-control"] == "no-cache"
    assert HEADERS.items() <= dict(answer.headers).items()
    assert answer.headers["strict-transport-security"] == "max-age=63072000"


def test_every_file_has_its_type_and_is_kept_as_long_as_it_is_good(cloudfront: httpx2.Client) -> None:
    assert cloudfront.get("/ui/config.json").json() == {"api": ""}
    (script, *_) = PAGE.glob("assets/index-*.js")
    answer = cloudfront.get(f"/ui/assets/{script.name}")
    assert answer.content == script.read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_without_its_slash_the_question_is_kept(cloudfront: httpx2.Client) -> None:
    answer = cloudfront.get(f"/ui{LINK}&id=b&id=c")
    assert (answer.status_code, answer.headers["location"]) == (308, f"/ui/{LINK}&id=b&id=c")


def test_without_tls_the_browser_is_sent_to_it(stack: Deployed) -> None:
    page = stack.outputs["PageUrl"]
    answer = httpx2.get(f"{stack.endpoint}/ui/", headers={"host": urlsplit(page).netloc})
    assert (answer.status_code, answer.headers["location"]) == (301, page)


def test_nobody_else_reads_the_bucket(stack: Deployed) -> None:
    answer = httpx2.get(f"{stack.endpoint}/{stack.outputs['PageBucketName']}/ui/index.html")
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["ui", "ui/", "ui/index.html"])
def test_the_apis_own_address_leads_to_the_page(api: httpx2.Client, stack: Deployed, path: str) -> None:
    answer = api.get(path + LINK)
    assert (answer.status_code, answer.headers["location"]) == (302, stack.outputs["PageUrl"] + LINK)


def test_cloudfront_was_told_to_forget_what_keeps_its_name(stack: Deployed) -> None:
    client = account().client("cloudfront", endpoint_url=stack.endpoint)
    distribution = stack.outputs["PageDistributionId"]
    (listed,) = client.list_invalidations(DistributionId=distribution)["InvalidationList"]["Items"]
    found = client.get_invalidation(DistributionId=distribution, Id=listed["Id"])["Invalidation"]
    paths = found["InvalidationBatch"]["Paths"]["Items"]
    assert {"/ui/", "/ui/index.html", "/ui/config.json"} <= set(paths), json.dumps(paths)
    assert not [path for path in paths if "/assets/" in path]
