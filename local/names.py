"""What the resources of template.yaml are called on the emulator: names, ARNs and URLs."""

from collections.abc import Mapping
from typing import Any, Final

from local.intrinsics import ACCOUNT, REGION

STACK: Final = "tollgate"
_ARNS: Final = {
    ("Table", "Arn"): "dynamodb:{REGION}:{ACCOUNT}:table/{name}",
    ("Table", "StreamArn"): "dynamodb:{REGION}:{ACCOUNT}:table/{name}/stream/latest",
    ("Queue", "Arn"): "sqs:{REGION}:{ACCOUNT}:{name}",
    ("Function", "Arn"): "lambda:{REGION}:{ACCOUNT}:function:{name}",
    ("DeliveryStream", "Arn"): "firehose:{REGION}:{ACCOUNT}:deliverystream/{name}",
    ("Bucket", "Arn"): "s3:::{name}",
}


class Names:
    """Answers for `Ref` and `Fn::GetAtt`; every resource is called `tollgate-<logical id>`."""

    def __init__(self, resources: Mapping[str, Any], emulator_url: str) -> None:
        self._resources = resources
        self._emulator_url = emulator_url

    def attribute(self, logical_id: str, attribute: str) -> str:
        """An attribute of a resource; "" asks for its Ref. Raises ValueError for one not known here."""
        name = self.physical(logical_id)
        kind = str(self._resources[logical_id]["Type"]).rpartition("::")[2]
        if (kind, attribute) == ("Queue", ""):
            return self.queue_url(name)
        if attribute in ("", "QueueName"):
            return name
        if (found := _ARNS.get((kind, attribute))) is None:
            raise ValueError(f"template.yaml asks for {logical_id}.{attribute}; the local stack knows none")
        return f"arn:aws:{found.format(REGION=REGION, ACCOUNT=ACCOUNT, name=name)}"

    def physical(self, logical_id: str) -> str:
        """The name of a resource. Raises ValueError when the template has none of that id."""
        if logical_id not in self._resources:
            raise ValueError(f"template.yaml names {logical_id}, which is neither a parameter nor a resource")
        name = f"{STACK}-{logical_id}"
        return name.lower() if self._resources[logical_id]["Type"] == "AWS::S3::Bucket" else name

    def queue_url(self, name: str) -> str:
        """Where messages for a queue are sent."""
        return f"{self._emulator_url}/{ACCOUNT}/{name}"


def last_name(arn: str) -> str:
    """The resource's name in an ARN: a queue's, a function's, or the table's of a table or stream."""
    resource = arn.split(":", 5)[5]
    return resource.split("/")[1] if "/" in resource else resource.rpartition(":")[2]
