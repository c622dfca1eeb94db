"""GuardDuty's results, in the events and the tags of objects.

https://docs.aws.amazon.com/guardduty/latest/ug/monitoring-malware-protection-s3-scans-gdu.html
"""

from chalicelib.core.scanning.verdicts import Verdict

TAG = "GuardDutyMalwareScanStatus"
"""The tag that GuardDuty gives to an object when it has scanned it. Only GuardDuty's role may set tags
(infra/templates/storage.yaml)."""

VERDICTS = {
    "NO_THREATS_FOUND": Verdict.CLEAN,
    "THREATS_FOUND": Verdict.INFECTED,
    "UNSUPPORTED": Verdict.UNSUPPORTED,
    "ACCESS_DENIED": Verdict.FAILED,
    "FAILED": Verdict.FAILED,
}


def to_verdict(status: str) -> Verdict:
    """Return the verdict of a result. One that this code doesn't know is a failure: never clean."""
    return VERDICTS.get(status, Verdict.FAILED)
