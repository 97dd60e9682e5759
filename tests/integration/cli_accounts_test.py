"""user, token and room: what an operator does beside a running server, and what needs it stopped."""

import tempfile
import unittest
from pathlib import Path

from support.case import ServerTest
from support.cli import Operator
from support.http import Client
from support.people import PASSWORD, Person
from support.server import Server


class BesideAServer(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = Operator(cls.server.data)

    def test_a_user_who_was_created_can_log_in(self):
        made = self.operator.json("user", "create", "yuna", "--name", "유나", "--password-file", "-",
                                  input=PASSWORD + "\n")
        self.assertEqual(made.code, 0, made)
        self.assertEqual(made.json["handle"], "yuna")
        answer = Client(self.server).post(
            "/v1/sessions", {"handle": "yuna", "password": PASSWORD, "device": "전화기"})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["user"]["id"], made.json["id"])

    def test_a_password_comes_from_a_file_never_from_an_argument(self):
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write("짧다\n")
            file.flush()
            short = self.operator.json("user", "create", "nobody1", "--name", "이름",
                                       "--password-file", file.name)
        self.assertEqual((short.code, short.error["message"]), (64, "password: too_short"), short)
        none = self.operator.json("user", "create", "nobody1", "--name", "이름")
        self.assertEqual(none.code, 64, none)
        self.assertIn("--password-file", none.error["message"])
        self.assertEqual(self.operator("user", "show", "@nobody1").code, 2)

    def test_what_is_wrong_with_a_new_user(self):
        taken = self.person()
        ask = ("--name", "이름", "--password-file", "-")
        refused = self.operator.json("user", "create", taken.handle, *ask, input=PASSWORD)
        self.assertEqual((refused.code, refused.error["code"]), (4, "user.handle_taken"), refused)
        wrong = self.operator.json("user", "create", "No Such", *ask, input=PASSWORD)
        self.assertEqual(wrong.code, 64, wrong)
        self.assertIn("HANDLE", wrong.error["message"])

    def test_a_dry_run_creates_nothing(self):
        tried = self.operator.json("user", "create", "dryrun", "--name", "이름", "--password-file",
                                   "-", "--dry-run", input=PASSWORD)
        self.assertEqual((tried.code, tried.json["dry_run"]), (0, True), tried)
        self.assertEqual(self.operator("user", "show", "@dryrun").code, 2)

    def test_users_are_listed_and_found(self):
        person = self.person("현대백화점")
        for query in ("현대", "ㅎㄷㅂ", person.handle):
            found = self.operator.json("user", "list", "--find", query).json
            self.assertIn(person.id, [user["id"] for user in found["users"]], query)
        self.people("가", "나")
        page = self.operator.json("user", "list", "--limit", "1")
        self.assertEqual((len(page.json["users"]), page.json["more"]), (1, True))

    def test_a_user_is_shown_by_id_and_by_handle(self):
        person, other = self.people("민수", "지우")
        room = person.group("방", other)
        by_id = self.operator.json("user", "show", person.id).json
        self.assertEqual(by_id, self.operator.json("user", "show", "@" + person.handle).json)
        self.assertEqual((by_id["rooms"], by_id["sessions"]), ([room], 1))
        self.assertEqual(self.operator.json("user", "show", person.handle).code, 64)

    def test_a_disabled_user_cannot_log_in_until_enabled(self):
        person = self.person()
        login = {"handle": person.handle, "password": PASSWORD, "device": "d"}
        done = self.operator.json("user", "disable", "@" + person.handle)
        self.assertEqual((done.code, done.json["disabled"]), (0, True), done)
        self.assertIn("within 30 s", done.err)
        self.assertEqual(self.anyone.post("/v1/sessions", login).status, 401)
        refused = self.operator.json("token", "create", person.id)
        self.assertEqual((refused.code, refused.error["code"]), (4, "user.disabled"), refused)
        self.assertEqual(self.operator("user", "enable", person.id).code, 0)
        self.assertEqual(self.anyone.post("/v1/sessions", login).status, 201)

    def test_a_token_works_is_listed_and_revoked(self):
        person = self.person()
        made = self.operator.json("token", "create", "@" + person.handle, "--device", "밤 작업")
        self.assertEqual(made.code, 0, made)
        listed = self.operator.json("token", "list", person.id)
        self.assertIn((made.json["id"], "밤 작업"),
                      [(t["id"], t["device"]) for t in listed.json["tokens"]])
        self.assertNotIn(made.json["token"], listed.out)
        unused = self.operator.json("token", "create", "@" + person.handle).json
        self.assertEqual(self.operator("token", "revoke", unused["id"], "--dry-run").code, 0)
        self.assertEqual(self.operator("token", "revoke", unused["id"]).code, 0)
        self.assertEqual(self.as_token(unused["token"]).get("/v1/users/me").status, 401)
        self.assertEqual(self.as_token(made.json["token"]).get("/v1/users/me").json["id"], person.id)
        self.assertEqual(self.operator("token", "revoke", unused["id"]).code, 2)
        self.assertEqual(self.operator("token", "revoke", "x").code, 64)

    def test_open_websockets_hear_of_it_too(self):
        disabled, revoked, other = self.people("민수", "지우", "유나")
        sockets = [who.connect() for who in (disabled, revoked, other)]
        self.assertEqual(self.operator("user", "disable", disabled.id).code, 0)
        token = self.operator.json("token", "list", revoked.id).json["tokens"][0]["id"]
        self.assertEqual(self.operator("token", "revoke", token).code, 0)
        self.assertEqual([socket.closed_with(timeout=90) for socket in sockets[:2]], [4003, 4003])
        sockets[2].drain()

    def as_token(self, token):
        client = Client(self.server)
        client.token = token
        return client

    def test_a_room_is_shown_and_exported(self):
        person, other = self.people("민수", "지우")
        room = person.group("점심 모임", other)
        person.send(room, "하나")
        second = person.send(room, "둘")
        person.edit(room, second["seq"], "둘 고침")
        shown = self.operator.json("room", "show", room).json
        self.assertEqual((shown["title"], shown["seq"], shown["ordinal"], shown["member_count"]),
                         ("점심 모임", 4, 2, 2))
        self.assertEqual({m["user"]: m["role"] for m in shown["members"]},
                         {person.id: "owner", other.id: "member"})
        lines = self.operator("room", "export", room).lines
        self.assertEqual([line["type"] for line in lines], ["room", "member", "member"] + ["event"] * 4)
        events = [dict(line) for line in lines if line.pop("type") == "event"]
        self.assertEqual([e["seq"] for e in events], [1, 2, 3, 4])
        self.assertEqual([{k: v for k, v in e.items() if k != "type"} for e in events],
                         person.log(room))
        self.assertEqual(self.operator("room", "show", "99").code, 2)
        self.assertEqual(self.operator("room", "show", "방").code, 64)

    def test_an_export_holds_everything_of_one_and_nothing_of_others(self):
        person, other = self.people("민수", "지우")
        room = person.group("방", other)
        person.send(room, "내 말")
        other.send(room, "남의 말")
        lines = self.operator("user", "export", "@" + person.handle)
        self.assertEqual({line["type"] for line in lines.lines},
                         {"user", "session", "room", "message"})
        self.assertIn("내 말", lines.out)
        self.assertNotIn("남의 말", lines.out)

    def test_erasing_is_refused_while_the_server_runs(self):
        person = self.person()
        refused = self.operator.json("user", "erase", person.id, f"--confirm={person.handle}")
        self.assertEqual((refused.code, refused.error["code"]), (4, "data.locked"), refused)
        self.assertIn("stop", refused.error["hint"])
        self.assertEqual(person.get("/v1/users/me").status, 200)


class Erasing(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.operator = Operator(self.server.data)

    def test_it_is_confirmed_by_name_and_reaches_everybody(self):
        person, other = Person(self.server, "민수"), Person(self.server, "지우")
        room = person.group("방", other)
        seq = person.send(room, "지울 말")["seq"]
        self.server.stop()
        ask = ("user", "erase", "@" + person.handle, "--messages", "remove")
        self.assertEqual(self.operator(*ask).code, 4)
        self.assertEqual(self.operator(*ask, "--confirm=somebody").code, 4)
        self.assertEqual(self.operator(*ask, "--dry-run").code, 0)
        self.assertFalse(self.operator.json("user", "show", person.id).json["deleted"])
        done = self.operator(*ask, f"--confirm={person.handle}")
        self.assertEqual(done.code, 0, done)
        self.assertTrue(self.operator.json("user", "show", person.id).json["deleted"])
        self.assertEqual(self.operator("user", "erase", person.id, "--confirm=x").code, 2)
        self.server.start()
        log = other.log(room)
        self.assertEqual([(e["kind"], e.get("target"), e.get("role")) for e in log[2:]],
                         [("deleted", seq, None), ("member", None, None), ("member", None, "owner")])
        self.assertNotIn("지울 말", str(log))
        self.assertEqual(self.server.stop(), 0)


class Nowhere(unittest.TestCase):
    def test_a_missing_directory_is_said_and_not_made(self):
        with tempfile.TemporaryDirectory() as folder:
            missing = Path(folder) / "none"
            operator = Operator(missing)
            for words in (("user", "list"), ("room", "show", "1"), ("search", "status"),
                          ("search", "reindex"), ("trace", "1:1"), ("migrate", "status")):
                ran = operator.json(*words)
                self.assertEqual((ran.code, ran.error["code"]), (2, "data.missing"), (words, ran))
            self.assertFalse(missing.exists())


if __name__ == "__main__":
    unittest.main()
