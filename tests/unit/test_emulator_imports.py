"""What the emulator's processes need not load, as long as they run."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import botocore.session
import pytest
from ministack.core import lambda_runtime, responses
from ministack.services import lambda_svc, s3

from emulator.environment import CREDENTIALS
from emulator.ministack import SERVICES
from emulator.service_models import PROTOCOLS

PROGRAM = """
import sys
from emulator.ministack_application import create_application
create_application()
from ministack.core.responses import fix_error_content_type
from ministack.services import lambda_svc
headers = {"Content-Type": "application/json"}
fix_error_content_type("sqs", 400, headers)
print(headers["Content-Type"], lambda_svc._poll_loop.__module__)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("service", SERVICES.split(","))
def test_protocols_are_those_of_botocores_models(service: str) -> None:
    metadata = botocore.session.get_session().get_service_model(service).metadata
    assert {name: metadata[name] for name in ("protocol", "jsonVersion") if name in metadata} == PROTOCOLS[service]


def test_ministack_knows_protocols_without_botocore(tmp_path: Path) -> None:
    environment = {"SERVICES": SERVICES, "S3_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"], **CREDENTIALS}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    first, loaded = run.stdout.splitlines()[-2:]
    assert first == "application/x-amz-json-1.0 emulator.queue_polling"
    assert {"boto3", "botocore", "chalice", "psutil", "sqlalchemy"} & set(loaded.split()) == set()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (responses, "_service_model"),
        (s3, "handle_request"),
        (lambda_svc, "_poll_loop"),
        (lambda_svc, "_ensure_reaper_thread"),
        (lambda_svc, "_emit_lambda_logs"),
        (lambda_svc, "invalidate_worker"),
        (lambda_svc, "_LAMBDA_STATE_TRANSITION_DELAY"),
        (lambda_runtime, "_PYTHON_WORKER_SCRIPT"),
        (lambda_runtime, "subprocess"),
    ],
)
def test_ministack_uses_what_is_replaced(module: ModuleType, name: str) -> None:
    assert hasattr(module, name)
    assert len(re.findall(rf"\b{name}\b", inspect.getsource(module))) > 1  # besides its definition


@pytest.mark.parametrize("module", ["emulator.__main__", "emulator.orphan_guard"])
def test_long_running_processes_load_little(module: str) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    heavy = {"asyncio", "boto3", "botocore", "chalice", "psycopg2", "urllib3", "waitress"}
    assert heavy & loaded == set()
    assert module != "emulator.orphan_guard" or {"psutil", "subprocess", "json"} & loaded == set()
