#include "services/websocket/client_frame.h"
#include "services/websocket/server_frame.h"

#include <gtest/gtest.h>

namespace respring::websocket {
namespace {

const std::string kCid = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

ClientFrame good(const std::string& text) {
  auto read = read_client_frame(text);
  EXPECT_TRUE(std::holds_alternative<ClientFrame>(read)) << text;
  return std::get<ClientFrame>(std::move(read));
}

BadFrame bad(const std::string& text) {
  auto read = read_client_frame(text);
  EXPECT_TRUE(std::holds_alternative<BadFrame>(read)) << text;
  return std::get<BadFrame>(std::move(read));
}

TEST(ClientFrame, HelloWithCursorsResumes) {
  const ClientFrame frame =
      good(R"({"op":"hello","ticket":"t","rooms":[{"room":"7","epoch":1,"seq":3}]})");
  const auto& hello = std::get<Hello>(frame.body);
  EXPECT_EQ(hello.ticket, "t");
  ASSERT_EQ(hello.rooms->cursors.size(), 1U);
  EXPECT_EQ(hello.rooms->cursors.front().room, RoomId{7});
  EXPECT_EQ(hello.rooms->cursors.front().seq, 3);
  EXPECT_FALSE(std::get<Hello>(good(R"({"op":"hello"})").body).rooms);
}

TEST(ClientFrame, SendCarriesItsRefAndContent) {
  const ClientFrame frame = good(R"({"op":"send","ref":"a","room":"7","cid":")" + kCid +
                                 R"(","text":"안녕","reply_to":2})");
  EXPECT_EQ(frame.ref, "a");
  const auto& change = std::get<Change>(frame.body);
  const auto& send = std::get<chat::Send>(change.command);
  EXPECT_EQ(change.room, RoomId{7});
  EXPECT_EQ(send.cid.str(), kCid);
  EXPECT_EQ(send.text, "안녕");
  EXPECT_EQ(send.reply_to, 2);
}

TEST(ClientFrame, WhatIsMalformedCountsAgainstTheClient) {
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string(R"({"op":"nonsense","ref":"a"})"),
        std::string(R"({"op":"ping","ref":"a","more":1})"), std::string(R"({"op":"ping"})"),
        std::string(R"({"op":"ping","op":"ping","ref":"a"})"),
        std::string(R"({"op":"read","room":7,"seq":1})")}) {
    EXPECT_TRUE(bad(text).malformed) << text;
  }
  EXPECT_EQ(bad(R"({"op":"nonsense","ref":"odd"})").ref, "odd");
  EXPECT_EQ(bad(R"({"op":"ping","ref":"a","more":1})").error.code, ErrorCode::unknown_field);
}

TEST(ClientFrame, ATextThatIsRefusedIsOnlyThisRequestsFault) {
  const std::string long_text(4001, 'x');
  const BadFrame refused =
      bad(R"({"op":"edit","ref":"a","room":"7","seq":2,"text":")" + long_text + R"("})");
  EXPECT_FALSE(refused.malformed);
  EXPECT_EQ(refused.ref, "a");
  EXPECT_EQ(refused.error.fields.front().code, "too_long");
}

TEST(ClientFrame, ARefIsAtMost64Bytes) {
  EXPECT_TRUE(good(R"({"op":"ping","ref":")" + std::string(64, 'r') + R"("})").ref);
  EXPECT_FALSE(bad(R"({"op":"ping","ref":")" + std::string(65, 'r') + R"("})").ref);
}

TEST(ClientFrame, AMalformedRoomIsARoomThatDoesNotExist) {
  EXPECT_EQ(std::get<ReadTo>(good(R"({"op":"read","room":"x","seq":1})").body).room, RoomId{});
}

TEST(ServerFrame, AnEventIsItsJsonWithAnOp) {
  EXPECT_EQ(event_frame(R"({"room":"7","seq":1})"), R"({"op":"event","room":"7","seq":1})");
}

TEST(ServerFrame, AcksHaveTheMembersOfTheirKind) {
  chat::Written written;
  written.seq = 5;
  written.ordinal = 3;
  written.version = 2;
  EXPECT_EQ(
      ack_frame("r", RoomId{7}, written, Acked::send),
      R"({"op":"ack","ref":"r","room":"7","seq":5,"at":"1970-01-01T00:00:00.000Z","ordinal":3,"duplicate":false})");
  EXPECT_EQ(
      ack_frame("r", RoomId{7}, written, Acked::change),
      R"({"op":"ack","ref":"r","room":"7","seq":5,"at":"1970-01-01T00:00:00.000Z","version":2})");
  EXPECT_EQ(ack_frame("r", RoomId{7}, written, Acked::reaction),
            R"({"op":"ack","ref":"r","room":"7","seq":5,"at":"1970-01-01T00:00:00.000Z"})");
}

TEST(ServerFrame, AnErrorSaysWhenToTryAgainInTheClientsLanguage) {
  const Error error = overloaded("queue", std::chrono::milliseconds(1500));
  const std::string korean = error_frame("r", error, net::Language::ko);
  EXPECT_NE(korean.find(R"("code":"overloaded")"), std::string::npos);
  EXPECT_NE(korean.find(R"("retry_after":2)"), std::string::npos);
  EXPECT_NE(korean, error_frame("r", error, net::Language::en));
}

}  // namespace
}  // namespace respring::websocket
