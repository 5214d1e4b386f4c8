"""What AWS's clients raise, as a problem with its way out."""

from collections.abc import Iterator
from contextlib import contextmanager

from spark_jobs.problem import Problem

UNTOUCHED = "What AWS holds is as it was before this step."
SIGN_IN = "sign in (aws sso login, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), then run again"
# Error code -> what to do about it.
WAYS_OUT = {
    "EntityNotFoundException": "terraform apply makes it; `make aws-env` writes which platform is asked",
    "ResourceNotFoundException": "terraform apply makes it; `make aws-env` writes which platform is asked",
    "AccessDeniedException": "have the action that is named here granted to whoever asks (terraform/permissions.md)",
    "AccessDenied": "have the action that is named here granted to whoever asks (terraform/permissions.md)",
    "ConcurrentRunsExceededException": "another run is going: wait until it has ended (make status), then run again",
    "ResourceNumberLimitExceededException": "a quota of the account is used up: raise it in Service Quotas",
    "ServiceQuotaExceededException": "a quota of the account is used up: raise it in Service Quotas",
    "ThrottlingException": "AWS was asked too often: wait a minute, then run again",
    "ExpiredToken": SIGN_IN,
    "ExpiredTokenException": SIGN_IN,
    "InvalidClientTokenId": SIGN_IN,
    "UnrecognizedClientException": SIGN_IN,
    "InvalidSignatureException": SIGN_IN,
    "SignatureDoesNotMatch": SIGN_IN,
}


@contextmanager
def aws_problems(doing: str, where: str) -> Iterator[None]:
    """Raises Problem for whatever AWS's clients raise meanwhile."""
    from botocore.exceptions import (  # type: ignore[import-untyped]
        BotoCoreError,
        ClientError,
        EndpointConnectionError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
        ProfileNotFound,
        SSOError,
        TokenRetrievalError,
    )

    unknown = (NoCredentialsError, PartialCredentialsError, ProfileNotFound, SSOError, TokenRetrievalError)
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        way_out = WAYS_OUT.get(code, "correct what AWS names here, then run again")
        raise Problem(f"AWS refused to {doing}", where, str(error), way_out, UNTOUCHED) from error
    except unknown as error:
        raise Problem("AWS does not know who asks", where, str(error), SIGN_IN, UNTOUCHED) from error
    except NoRegionError as error:
        raise Problem(
            "The region is not known", where, str(error), "make aws-env writes S3_REGION", UNTOUCHED
        ) from error
    except EndpointConnectionError as error:
        way_out = "see to the connection, and that the region has the service"
        raise Problem("AWS does not answer", where, str(error), way_out, UNTOUCHED) from error
    except BotoCoreError as error:
        raise Problem(f"AWS could not be asked to {doing}", where, str(error), "see the message", UNTOUCHED) from error
