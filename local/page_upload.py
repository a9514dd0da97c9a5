"""Upload the built page to a deployment: `python -m local.page_upload`, the end of `make deploy`.

The stack and its region are those that `sam deploy` was told, in samconfig.toml.
"""

import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import page_build
from local.errors import StackError
from local.page_files import HASHED, INDEX, PAGE, cache_control, content_type, is_built
from local.settings import ROOT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PREFIX: Final = "ui/"


def upload(session: boto3.Session, outputs: Mapping[str, str], endpoint: str | None = None) -> None:
    """Put every file into the stack's bucket, and have CloudFront forget those that keep their names.

    What was uploaded before stays: a tab that is open still loads the parts of its own version.
    """
    if not is_built():
        raise StackError("The page is not built: `python -m local.page_build` builds it.")
    bucket, distribution = outputs["PageBucketName"], outputs["PageDistributionId"]
    store = session.client("s3", endpoint_url=endpoint)
    files = list(_in_order(PAGE))
    for path in files:
        _put(store, bucket, path)
    changed = [path.relative_to(PAGE).as_posix() for path in files]
    paths = ["/ui/", *(f"/{_PREFIX}{path}" for path in changed if not path.startswith(HASHED))]
    session.client("cloudfront", endpoint_url=endpoint).create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(paths), "Items": paths},
            "CallerReference": str(time.time_ns()),
        },
    )


def outputs_of(session: boto3.Session, stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    (found,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def chosen(config: Path = ROOT / "samconfig.toml") -> tuple[str, str | None]:
    """The stack's name and region as `sam deploy` has them; None leaves the region to the environment."""
    default: dict[str, Any] = tomllib.loads(config.read_text())["default"]
    told = {**default.get("global", {}).get("parameters", {}), **default["deploy"]["parameters"]}
    return told["stack_name"], told.get("region")


def _in_order(folder: Path) -> Iterator[Path]:
    """What others refer to comes first, and the index last."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return iter(sorted(files, key=lambda path: (path.name == INDEX, path)))


def _put(store: "S3Client", bucket: str, path: Path) -> None:
    name = path.relative_to(PAGE).as_posix()
    store.put_object(
        Bucket=bucket,
        Key=_PREFIX + name,
        Body=path.read_bytes(),
        ContentType=content_type(name),
        CacheControl=cache_control(name),
    )


def main() -> None:
    """Build, upload, and say where the page is."""
    page_build.main()
    stack, region = chosen()
    try:
        session = boto3.Session(region_name=region)
        outputs = outputs_of(session, stack)
        if "PageBucketName" not in outputs:
            print("This deployment has no page (UsagePage=false).")
            return
        upload(session, outputs)
    except (BotoCoreError, ClientError, StackError) as error:
        sys.exit(f"The page was not uploaded: {error}")
    print(outputs["PageUrl"])


if __name__ == "__main__":
    main()
