"""Which stack the page is uploaded to: the one that `sam deploy` was told."""

from pathlib import Path

from local import page_upload

GLOBAL = '[default.global.parameters]\nstack_name = "tollgate"\n[default.deploy.parameters]\n'


def test_a_guided_deployments_stack_and_region_are_taken(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(f'{GLOBAL}stack_name = "mine"\nregion = "eu-central-1"\n')
    assert page_upload.chosen(config) == ("mine", "eu-central-1")


def test_the_repositorys_own_are_the_default() -> None:
    assert page_upload.chosen() == ("tollgate", None)
