"""The usage page: private files, one way to them, its headers, and an API on the same origin."""

from typing import Any

from local import template
from tests.template.conftest import Document, Render, of_type

NAMES = {"PageBucket", "PageBucketPolicy", "PageAccess", "PageIndex", "PageDistribution", "PageHeaders"}
OWN = {"PageDomain": "usage.example.com", "PageCertificateArn": "arn:aws:acm:us-east-1:1:certificate/a"}


def distribution(rendered: Render, **parameters: str) -> Any:
    return rendered(**parameters)["PageDistribution"]["Properties"]["DistributionConfig"]


def test_no_bucket_is_public_or_read_without_tls(rendered: Render, document: Document) -> None:
    policies = [r["Properties"] for r in rendered().values() if r["Type"] == "AWS::S3::BucketPolicy"]
    for name in of_type(document, "AWS::S3::Bucket"):
        properties = rendered()[name]["Properties"]
        assert list(properties["PublicAccessBlockConfiguration"].values()) == [True] * 4
        assert properties["BucketEncryption"]
        (policy,) = (one["PolicyDocument"] for one in policies if one["Bucket"] == f"<{name}.Ref>")
        denied = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
        assert [one["Condition"] for one in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
        assert not [
            one for one in policy["Statement"] if one["Effect"] == "Allow" and one["Principal"] == "*"
        ]


def test_only_this_distribution_reads_the_page(rendered: Render) -> None:
    statements = rendered()["PageBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (allowed,) = (one for one in statements if one["Effect"] == "Allow")
    assert (allowed["Principal"], allowed["Action"]) == (
        {"Service": "cloudfront.amazonaws.com"},
        "s3:GetObject",
    )
    assert allowed["Resource"] == "<PageBucket.Arn>/ui/*"
    where = "arn:aws:cloudfront::000000000000:distribution/<PageDistribution.Ref>"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": where}}
    (page,) = (one for one in distribution(rendered)["Origins"] if one["Id"] == "page")
    assert page["OriginAccessControlId"] == "<PageAccess.Id>"
    access = rendered()["PageAccess"]["Properties"]["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")


def test_the_page_is_cached_with_its_headers_and_the_api_is_not(rendered: Render) -> None:
    config = distribution(rendered)
    (page,), api = config["CacheBehaviors"], config["DefaultCacheBehavior"]
    assert (page["PathPattern"], page["TargetOriginId"]) == ("/ui*", "page")
    assert (page["Compress"], page["ResponseHeadersPolicyId"]) == (True, "<PageHeaders.Ref>")
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert {"GET", "POST"} <= set(api["AllowedMethods"])
    assert (page["ViewerProtocolPolicy"], api["ViewerProtocolPolicy"]) == ("redirect-to-https", "https-only")


def test_the_api_is_on_the_pages_own_origin(rendered: Render) -> None:
    (api,) = (one for one in distribution(rendered)["Origins"] if one["Id"] == "api")
    assert api["DomainName"] == "<Api.Ref>.execute-api.us-east-1.amazonaws.com"
    (stage,) = (r["Properties"] for r in rendered().values() if r["Type"] == "AWS::ApiGateway::Stage")
    assert api["OriginPath"] == f"/{stage['StageName']}"
    assert "connect-src 'self';" in template.read("http://x").page_headers()["content-security-policy"]


def test_the_local_stack_has_the_headers_of_the_deployed_page(rendered: Render) -> None:
    policy = rendered()["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    local, deployed = template.read("http://x").page_headers(), policy["SecurityHeadersConfig"]
    content = deployed["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert local["content-security-policy"] == content
    assert "unsafe" not in content
    assert set(content.split("; ")) >= {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"}
    assert deployed["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert all(setting["Override"] for setting in deployed.values())
    assert local["permissions-policy"].startswith("camera=()")


def test_a_domain_of_ones_own_has_its_certificate_and_tls_1_2(rendered: Render) -> None:
    config = distribution(rendered, **OWN)
    assert config["Aliases"] == ["usage.example.com"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert "Aliases" not in distribution(rendered)
    assert distribution(rendered)["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}


def test_access_is_logged_where_one_asks_for_it(rendered: Render) -> None:
    logged = distribution(rendered, PageLogBucket="logs.s3.amazonaws.com")["Logging"]
    assert logged["Bucket"] == "logs.s3.amazonaws.com"
    assert "Logging" not in distribution(rendered)


def test_the_page_can_be_left_out(rendered: Render) -> None:
    assert rendered().keys() >= NAMES
    without = rendered(UsagePage="false")
    assert not NAMES & without.keys()
    assert not [name for name, one in without.items() if any(f"<{page}." in str(one) for page in NAMES)]


def test_the_apis_link_knows_where_the_page_is(rendered: Render) -> None:
    def variables(**parameters: str) -> Any:
        (stage,) = (
            r["Properties"] for r in rendered(**parameters).values() if "StageName" in r["Properties"]
        )
        return stage.get("Variables")

    assert variables() == {"pageUrl": "https://<PageDistribution.DomainName>/ui/"}
    assert variables(**OWN) == {"pageUrl": "https://usage.example.com/ui/"}
    assert variables(UsagePage="false") is None
