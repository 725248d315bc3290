"""Evidence on disk is never lost, and only what was signed is exported."""

from pathlib import Path

from tame_components.domain.evidence import SignedEvidence, new_key_pair
from tame_components.ops.evidence_files import exported, folder_of, keep, publish
from tests.domain.test_evidence import evidence


def test_each_run_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Also when two of them end within one second."""
    places = [keep(folder_of(tmp_path, "sandbox"), evidence()) for _ in range(3)]

    assert len(set(places)) == 3
    assert all(place.parent == folder_of(tmp_path, "sandbox") for place in places)
    assert exported(str(tmp_path), "sandbox") is None


def test_what_is_exported_is_what_was_signed(tmp_path: Path) -> None:
    """Byte for byte: the signature would not fit anything else."""
    private, public = new_key_pair()
    publish(tmp_path, "sandbox", SignedEvidence.sign(evidence(), private))
    text = exported(str(tmp_path), "sandbox")

    assert text is not None
    assert SignedEvidence.model_validate_json(text).signed_by(public)
    assert exported(None, "sandbox") is None
