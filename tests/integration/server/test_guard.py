"""Who is let in: nobody without the token, no other host, no other origin."""

import pytest


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"authorization": ""}, 401, "token"),
        ({"authorization": "Bearer wrong"}, 401, "token"),
        ({"authorization": "Basic x"}, 401, "token"),
        ({"host": "evil.example:80"}, 403, "host"),
        ({"host": "127.0.0.1:81"}, 403, "host"),
        ({"origin": "http://evil.example"}, 403, "origin"),
        ({"origin": "null"}, 403, "origin"),
        ({"content-length": "999999999"}, 413, "too-large"),
        ({"content-length": "many"}, 413, "too-large"),
    ],
)
def test_a_stranger_is_refused(client, headers, status, code):
    answer = client.get("/api/files", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_person_without_the_token_reads_what_to_do(client):
    page = client.get("/?token=wrong", headers={"authorization": "", "accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 401
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "open the address that &#x27;assay studio&#x27; printed" in page.text
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_changes_nothing_even_with_the_cookie(client, site, project):
    answer = client.put("/api/documents/new.yaml", json={"text": "x"}, headers={"sec-fetch-site": site})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin")
    assert not (project / "new.yaml").exists()


def test_the_first_page_takes_the_token_out_of_the_address_and_keeps_it_in_a_strict_cookie(client, settings):
    answer = client.get(f"/?token={settings.token}&file=toy", headers={"authorization": ""}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?file=toy"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    value = cookie.partition(";")[0]
    assert client.get("/api/files", headers={"authorization": "", "cookie": value}).status_code == 200
    assert client.get("/api/files", headers={"authorization": "", "cookie": value[:-1] + "!"}).status_code == 401


def test_our_own_origin_may(client):
    assert client.get("/api/files", headers={"origin": "http://localhost:80"}).status_code == 200


def test_every_answer_is_hardened(client):
    headers = client.get("/api/session").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_token_stands_in_no_text_of_the_settings(settings):
    assert settings.token not in repr(settings)


def test_the_api_has_no_page_that_loads_scripts_from_elsewhere(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/api/openapi.json").json()["info"]["title"] == "Assay Studio"
