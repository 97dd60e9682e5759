"""serve --demo: people to try it with, who log in by one click."""

import re
import unittest

from support.http import Client
from support.server import Server


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(flags=["--demo"])
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def links(self):
        return re.findall(r"http://127\.0\.0\.1:\d+(/demo/\S+) +(\S+)", self.server.said())

    def test_a_link_logs_a_browser_in(self):
        links = self.links()
        self.assertEqual(len(links), 3, self.server.said())
        names = set()
        for path, _ in links:
            answer = Client(self.server).request("GET", path, checked=False)
            self.assertEqual((answer.status, answer.headers["location"]), (303, "/"), answer)
            cookie = answer.headers["set-cookie"]
            for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"):
                self.assertIn(part, cookie)
            browser = Client(self.server, headers={"Cookie": cookie.split(";")[0]})
            names.add(browser.request("GET", "/v1/users/me").json["display_name"])
            rooms = browser.request("GET", "/v1/rooms").json["items"]
            self.assertIn("둘레길 모임", [item["room"]["title"] for item in rooms])
        self.assertEqual(names, {"김민지", "박영호", "이순자"})

    def test_the_token_works_with_curl(self):
        for _, token in self.links():
            self.assertEqual(Client(self.server, token).request("GET", "/v1/rooms").status, 200)

    def test_a_wrong_link_opens_nothing(self):
        answer = Client(self.server).request("GET", "/demo/" + "x" * 43, checked=False)
        self.assertEqual(answer.status, 404)
        self.assertNotIn("set-cookie", answer.headers)


class NoDemo(unittest.TestCase):
    def test_without_demo_there_are_no_links(self):
        server = Server()
        self.addCleanup(server.close)
        server.start()
        answer = Client(server).request("GET", "/demo/" + "x" * 43, checked=False)
        self.assertNotEqual(answer.status, 303)
        self.assertNotIn("set-cookie", answer.headers)


if __name__ == "__main__":
    unittest.main()
