"""POST /v1/images/generations and POST /v1/images/edits."""

from collections.abc import Iterator
from typing import Any

import msgspec

from local.demo.bodies import FormBody, JsonBody
from local.demo.endpoint import Call, Event, Generation, Json, Whole
from local.demo.openai_api import OpenAIEndpoint, check_model, refuse, required
from local.demo.openai_pictures import POINT, by_the_picture, number, picture_report, pictures, pictures_usage
from local.demo.usage import Counts


class _Images(OpenAIEndpoint):
    """What both share: they differ in how the body comes, and in what the events are called."""

    cannot = frozenset({"usage_in_last_choice", "failed"})
    reports = frozenset({"input", "image_in", "image_out", "images"})
    event_name = ""

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        check_model(body)
        if not isinstance(required(body, "prompt"), str):
            refuse("prompt", "it must be a string")
        if body.get("stream") in (True, "true") and by_the_picture(body["model"]):
            refuse("stream", f"{body['model']} does not stream")
        number(body)

    def generate(self, body: Json) -> Generation:
        """Make as many pictures as are wanted."""
        return Generation(pictures_usage(body, _given(body)))

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        return picture_report(usage)

    def answer(self, call: Call) -> Json | Whole:
        """Answer in one object."""
        if by_the_picture(call.model):
            by_url = call.body.get("response_format") != "b64_json"
            made = pictures(call.usage.get("images", 0), by_url=by_url)
            return Whole(msgspec.json.encode(made), tells_usage=True)
        made = pictures(number(call.body), by_url=False)
        return {**made, "usage": picture_report(call.usage)}

    def events(self, call: Call) -> Iterator[Event]:
        """Answer with as many drafts as are wanted, and with the picture."""
        for place in range(int(call.body.get("partial_images") or 0)):
            yield self._event(call, "partial_image", partial_image_index=place)
        usage = {} if call.fault == "no_usage" else {"usage": picture_report(call.usage)}
        last = self._event(call, "completed", **usage)._replace(completes_usage=bool(usage))
        yield from [last] * (2 if call.fault == "duplicate_usage" else 1)

    def _event(self, call: Call, step: str, **fields: Any) -> Event:
        name = f"{self.event_name}.{step}"
        size = call.body.get("size") or "1024x1024"
        picture = {"b64_json": POINT, "created_at": 0, "size": size, "quality": "medium"}
        data = {"type": name, **picture, "background": "opaque", "output_format": "png", **fields}
        return Event(b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data)))


class ImageGenerations(JsonBody, _Images):
    """Pictures from a text, streamed and not."""

    path = "/images/generations"
    event_name = "image_generation"


class ImageEdits(FormBody, _Images):
    """Pictures from pictures and a text, streamed and not."""

    path = "/images/edits"
    event_name = "image_edit"

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        super().check(body)
        required(body, "image")


def _given(body: Json) -> int:
    given = body.get("image")
    return len(given) if isinstance(given, list) else int(given is not None)
