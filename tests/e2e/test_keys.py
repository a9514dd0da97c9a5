"""Keys managed and used through the deployed API, by functions that may do what their roles allow."""

import httpx2

from tests.e2e.running import Deployed
from tests.processes import eventually


def client(stack: Deployed, key: str) -> httpx2.Client:
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.Client(base_url=stack.url, headers=headers, timeout=30)


def test_a_key_is_made_used_replaced_and_deleted(stack: Deployed) -> None:
    with client(stack, stack.key) as admin:
        asked = {"key_alias": "e2e", "scopes": ["proxy", "usage:read:keyed"], "customer_id": "keyed"}
        made = admin.post("key/generate", json=asked).json()
        row = admin.get("key/info", params={"key": made["key"]}).json()
        assert (row["key"], row["info"]["key_alias"]) == (made["token"], "e2e")
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi."}]}
        with client(stack, made["key"]) as holder:
            assert holder.post("v1/chat/completions", json=body).status_code == 200
            assert holder.get("key/list").status_code == 401
            assert holder.get("customer/info", params={"end_user_id": "else"}).status_code == 401
        again = admin.post("key/regenerate", json={"key": made["key"], "rpm_limit": 60}).json()
        with client(stack, again["key"]) as holder:
            assert holder.post("v1/chat/completions", json=body).status_code == 200
        assert admin.post("key/block", json={"key": again["key"]}).json()["blocked"]
        assert not admin.post("key/unblock", json={"key": again["key"]}).json()["blocked"]
        assert admin.post("key/update", json={"key": made["token"], "rpm_limit": 0}).json()["rpm_limit"] == 0
        eventually(lambda: made["token"] in admin.get("key/list").json()["keys"], "the key is listed")
        assert admin.post("key/delete", json={"key_aliases": ["e2e"]}).json() == {
            "deleted_keys": [made["token"]]
        }
        of_key = {"object_type": "key", "object_id": made["token"]}
        verbs = [one["action"] for one in admin.get("audit", params=of_key).json()["audit_logs"]]
        assert verbs == [
            f"key.{v}" for v in ("delete", "update", "unblock", "block", "regenerate", "generate")
        ]
        assert admin.get("audit", params={"object_type": "key"}).json()["audit_logs"][0]["object_id"]
