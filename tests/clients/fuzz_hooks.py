"""What schemathesis does around each request.

Each comes from somewhere else: otherwise the wrong passwords that it makes up would shut the owner
out, as they should. And a 503 is an answer (a pool may have no keys), a 500 never.
"""

import itertools

import schemathesis

numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(numbers)
    address = f"198.18.{number // 250 % 250}.{number % 250 + 1}"
    case.headers = {**(case.headers or {}), "X-Forwarded-For": address}


@schemathesis.check
def no_internal_error(context, response, case):
    assert response.status_code != 500, response.text
