"""A CloudFront ResponseHeadersPolicy as the headers it adds.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-responseheaderspolicy.html
"""

from collections.abc import Mapping
from typing import Any, Final

_SECURITY: Final = {  # property → header, and where its value is; None where there is but one
    "ContentSecurityPolicy": ("content-security-policy", "ContentSecurityPolicy"),
    "ContentTypeOptions": ("x-content-type-options", None),
    "FrameOptions": ("x-frame-options", "FrameOption"),
    "ReferrerPolicy": ("referrer-policy", "ReferrerPolicy"),
}
_NEEDS_TLS: Final = frozenset({"StrictTransportSecurity"})


def page_headers(config: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a policy's resolved config, by name in lower case, without what needs TLS.

    Raises KeyError for a property that is not known here.
    """
    found: dict[str, str] = {}
    for name, settings in config["SecurityHeadersConfig"].items():
        if name not in _NEEDS_TLS:
            header, value = _SECURITY[name]
            found[header] = settings[value] if value else "nosniff"
    own = config.get("CustomHeadersConfig", {}).get("Items", [])
    return found | {one["Header"].lower(): one["Value"] for one in own}
