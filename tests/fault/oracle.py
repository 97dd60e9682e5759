"""What must be true after everything that happened, whatever it was."""

import time


def identity(event):
    """What of an event never changes; its text may have been edited or taken back since."""
    fields = {k: event[k] for k in ("room", "epoch", "seq", "kind", "actor", "at")}
    if event["kind"] == "message":
        fields.update({k: event["message"][k] for k in ("cid", "ordinal", "sender", "created_at")})
    fields.update({k: event[k] for k in ("target", "version") if k in event})
    return fields


def fold(events):
    """{seq: (text, deleted)} as a client makes it of its stream (the rule of the API)."""
    messages = {}
    for event in events:
        if event["kind"] == "message":
            m = event["message"]
            messages[event["seq"]] = [m["version"], m["text"], m["deleted"]]
        elif event["kind"] in ("edited", "deleted"):
            message = messages[event["target"]]
            if event["version"] > message[0]:
                deleted = event["kind"] == "deleted"
                message[:] = [event["version"], None if deleted else event["text"], deleted]
    return {seq: (text, deleted) for seq, (_, text, deleted) in messages.items()}


def check(test, load):
    """Holds acks, logs, streams, counts and the index against each other."""
    logs = {room: load.log(room) for room in load.rooms}
    for room, log in logs.items():
        index(test, load, room, log)
    test.index_whole_at = time.monotonic()
    for room, log in logs.items():
        dense(test, room, log)
        streams(test, load, room, log)
        counts(test, load, room, log)
    acks(test, load, logs)
    guest(test, load, logs)
    return sum(len(log) for log in logs.values())


def dense(test, room, log):
    """I3: no hole in seqs and ordinals. I2: no cid twice."""
    test.assertEqual([e["seq"] for e in log], list(range(1, len(log) + 1)), room)
    messages = [e["message"] for e in log if e["kind"] == "message"]
    test.assertEqual([m["ordinal"] for m in messages], list(range(1, len(messages) + 1)), room)
    cids = [(m["sender"], m["cid"]) for m in messages]
    test.assertEqual(len(set(cids)), len(cids), "a message is there twice")


def acks(test, load, logs):
    """I1: everything acknowledged is there, as acknowledged; nothing that nobody sent is."""
    sent = {(m.room, m.sender, m.cid): m for sender in load.senders for m in sender.messages}
    stored = set()
    for room, log in logs.items():
        now = fold(log)
        for event in log:
            if event["kind"] != "message":
                continue
            key = (room, event["actor"], event["message"]["cid"])
            stored.add(key)
            message = sent.get(key)
            test.assertIsNotNone(message, f"nobody sent {event}")
            test.assertEqual((message.ack["seq"], message.ack["ordinal"]),
                             (event["seq"], event["message"]["ordinal"]))
            wanted = (None, True) if message.deleted else (message.text, False)
            test.assertEqual(now[event["seq"]], wanted, "the last acknowledged change counts")
    missing = [m.ack for key, m in sent.items() if m.ack and key not in stored]
    test.assertEqual(missing, [], "acknowledged and lost")


def streams(test, load, room, log):
    """I6: each reader saw the log: all of it, in order, once; folding gives the same messages."""
    for reader in load.readers:
        seen = reader.streams[room]
        test.assertEqual([identity(e) for e in seen], [identity(e) for e in log])
        test.assertEqual(fold(seen), fold(log))


def guest(test, load, logs):
    """I11: the guest saw nothing from before his coming, and nothing after his going."""
    log = logs[load.guest.room]
    mine = [e for e in log if e["kind"] == "member" and e["user"] == load.guest.person.id]
    allowed, since = set(), None
    for event in mine:
        if event["role"] is not None and since is None:
            since = event["seq"]
        elif event["role"] is None and since is not None:
            allowed |= set(range(since, event["seq"] + 1))
            since = None
    if since is not None:
        allowed |= set(range(since, len(log) + 1))
    seen = {event["seq"] for event in load.guest.seen}
    test.assertEqual(sorted(seen - allowed)[:9], [], "not for his eyes")
    test.assertTrue(seen, "he was there")


def counts(test, load, room, log):
    """Unread is the head's ordinal minus that of the read cursor."""
    ordinals = {e["seq"]: e["message"]["ordinal"] for e in log if e["kind"] == "message"}
    for person in load.people:
        entry = load.entry(person, room)
        head = max(ordinals.values(), default=0)
        read = max((o for seq, o in ordinals.items() if seq <= entry["read_seq"]), default=0)
        test.assertEqual((entry["head"]["seq"], entry["head"]["ordinal"]), (len(log), head))
        test.assertEqual(entry["unread"], head - read)


def index(test, load, room, log):
    """I7: search finds what the log holds now, and nothing else."""
    now = fold(log)
    for word in ("파도", "바위"):
        wanted = {seq for seq, (text, _) in now.items() if text and text.startswith(word)}
        deadline = time.monotonic() + 60
        while (found := load.found(word, room)) != wanted:
            test.assertLess(time.monotonic(), deadline,
                            f"missing {sorted(wanted - found)[:9]}, extra {sorted(found - wanted)[:9]}")
            time.sleep(0.1)
