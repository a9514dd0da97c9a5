"""What the resources of template.yaml are called on the emulator: names, ARNs and URLs."""

from collections.abc import Mapping
from typing import Any, Final

from local.intrinsics import ACCOUNT, REGION

STACK: Final = "tollgate"


class Names:
    """Answers for `Ref` and `Fn::GetAtt`; every resource is called `tollgate-<logical id>`."""

    def __init__(self, resources: Mapping[str, Any], emulator_url: str) -> None:
        self._resources = resources
        self._emulator_url = emulator_url

    def attribute(self, logical_id: str, attribute: str) -> str:
        """An attribute of a resource; "" asks for its Ref. Raises ValueError for one not known here."""
        name = self.physical(logical_id)
        kind = str(self._resources[logical_id]["Type"]).rpartition("::")[2]
        match kind, attribute:
            case "Queue", "":
                return self.queue_url(name)
            case _, "" | "QueueName":
                return name
            case "Table", "Arn":
                return _arn("dynamodb", f"table/{name}")
            case "Table", "StreamArn":
                return _arn("dynamodb", f"table/{name}/stream/latest")
            case "Queue", "Arn":
                return _arn("sqs", name)
            case "Function", "Arn":
                return _arn("lambda", f"function:{name}")
        raise ValueError(f"template.yaml asks for {logical_id}.{attribute}; the local stack knows none")

    def physical(self, logical_id: str) -> str:
        """The name of a resource. Raises ValueError when the template has none of that id."""
        if logical_id not in self._resources:
            raise ValueError(f"template.yaml names {logical_id}, which is neither a parameter nor a resource")
        return f"{STACK}-{logical_id}"

    def queue_url(self, name: str) -> str:
        """Where messages for a queue are sent."""
        return f"{self._emulator_url}/{ACCOUNT}/{name}"


def last_name(arn: str) -> str:
    """The resource's name in an ARN: a queue's, a function's, or the table's of a table or stream."""
    resource = arn.split(":", 5)[5]
    return resource.split("/")[1] if "/" in resource else resource.rpartition(":")[2]


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
