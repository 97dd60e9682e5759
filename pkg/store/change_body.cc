#include "store/change_body.h"

#include "base/json.h"

namespace respring::store {
namespace {

struct Encoder {
  ChangeColumns& out;

  void operator()(const chat::Created& e) const {
    json::Writer w;
    w.begin_object().field("kind", chat::name_of(e.kind));
    if (e.title) w.field("title", *e.title);
    w.key("members").begin_array();
    for (const auto& founder : e.members) {
      w.begin_object().field("user", founder.user.value);
      w.field("role", chat::name_of(founder.role)).end_object();
    }
    w.end_array().end_object();
    out.body = w.take();
  }
  void operator()(const chat::Sent&) const {}
  void operator()(const chat::Edited& e) const {
    out.target = e.target;
    out.version = e.version;
    out.text = e.text;
  }
  void operator()(const chat::Deleted& e) const {
    out.target = e.target;
    out.version = e.version;
  }
  void operator()(const chat::Reacted& e) const {
    out.target = e.target;
    json::Writer w;
    w.begin_object().field("emoji", e.emoji).field("on", e.on).end_object();
    out.body = w.take();
  }
  void operator()(const chat::MemberChanged& e) const {
    json::Writer w;
    w.begin_object().field("user", e.user.value);
    if (e.role) w.field("role", chat::name_of(*e.role));
    w.end_object();
    out.body = w.take();
  }
  void operator()(const chat::Retitled& e) const {
    json::Writer w;
    w.begin_object().field("title", e.title).end_object();
    out.body = w.take();
  }
};

std::optional<std::string> maybe_string(const json::Value& value, std::string_view key) {
  const auto* member = value.find(key);
  const auto* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

chat::Created created_from(const json::Value& body) {
  chat::Created created;
  created.kind = chat::room_kind_named(body.string_or("kind")).value_or(chat::RoomKind::group);
  created.title = maybe_string(body, "title");
  const auto* members = body.find("members");
  const auto* list = members == nullptr ? nullptr : members->as_array();
  if (list == nullptr) return created;
  for (const auto& founder : *list)
    created.members.push_back(
        {UserId{founder.int_or("user")},
         chat::role_named(founder.string_or("role")).value_or(chat::Role::member)});
  return created;
}

}  // namespace

ChangeColumns columns_of(const chat::EventBody& body) {
  ChangeColumns columns;
  columns.kind = chat::kind_of(body);
  std::visit(Encoder{columns}, body);
  return columns;
}

Result<chat::EventBody> body_from(std::string_view kind, std::optional<Seq> target,
                                  std::optional<Version> version, std::optional<std::string> text,
                                  std::string_view body) {
  using Body = chat::EventBody;
  if (kind == "edited")
    return Body(chat::Edited{target.value_or(0), std::move(text), version.value_or(0)});
  if (kind == "deleted") return Body(chat::Deleted{target.value_or(0), version.value_or(0)});
  auto parsed = json::parse(body);
  if (!parsed) return internal("a stored event is damaged");
  const auto& value = parsed.assume_value();
  if (kind == "created") return Body(created_from(value));
  if (kind == "reaction")
    return Body(chat::Reacted{target.value_or(0), value.string_or("emoji"), value.bool_or("on")});
  if (kind == "member") {
    const auto role = maybe_string(value, "role");
    return Body(chat::MemberChanged{UserId{value.int_or("user")},
                                    role ? chat::role_named(*role) : std::nullopt});
  }
  if (kind == "room") return Body(chat::Retitled{value.string_or("title")});
  return internal("a stored event has an unknown kind");
}

}  // namespace respring::store
