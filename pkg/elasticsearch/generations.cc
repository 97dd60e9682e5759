#include "elasticsearch/generations.h"

#include <algorithm>

#include "elasticsearch/loop.h"
#include "elasticsearch/schema.h"

namespace respring::elasticsearch {
namespace {

Error conflict(std::string why) { return {ErrorCode::conflict, std::move(why), {}, {}}; }

Call call_of(net::Method method, std::string target, std::string body = {}) {
  Call call;
  call.method = method;
  call.target = std::move(target);
  call.body = std::move(body);
  return call;
}

Generation generation_from(int number, const std::string& index, const json::Value& value,
                           const Options& options) {
  Generation out;
  out.number = number;
  out.index = index;
  const auto* aliases = value.find("aliases");
  out.serving = aliases != nullptr && aliases->find(options.name) != nullptr;
  const auto* mappings = value.find("mappings");
  const auto* meta = mappings == nullptr ? nullptr : mappings->find("_meta");
  out.readable = meta != nullptr && meta->int_or("terms") == kTermsVersion;
  const auto* build = meta == nullptr ? nullptr : meta->find("build");
  if (build != nullptr) out.build = *build;
  return out;
}

/// Whether the engine knows Korean: an index with nori could not even be created otherwise.
Task<Result<void>> require_nori(Client& client, const Engine& engine, Deadline deadline) {
  auto call = call_of(net::Method::post, "/_analyze",
                      R"({"tokenizer": "nori_tokenizer", "text": "한국어"})");
  RESPRING_CO_TRY(const auto answer, co_await client.call(std::move(call), deadline));
  if (answer.ok()) co_return success();
  if (answer.status != 400) co_return client.refusal(answer);
  const std::string program = engine.opensearch ? "opensearch-plugin" : "elasticsearch-plugin";
  co_return unavailable("the search engine at " + client.where() +
                        " has no Korean analysis: run `bin/" + program +
                        " install analysis-nori` on each of its nodes and restart them");
}

Error unreadable(const Generation& generation) {
  return unavailable("the search index " + generation.index +
                     " was made by another version of respring: `respring search reindex` builds "
                     "a new one");
}

/// What is noted in an index: the whole of it, for the engine merges nothing.
json::Value meta_with(json::Value build) {
  json::Object meta = {{"terms", kTermsVersion}};
  if (!build.is_null()) meta.emplace_back("build", std::move(build));
  return meta;
}

/// How an index is made. One that is being built is shown by whoever builds it.
std::string index_json(const Options& options, bool serving, json::Value build) {
  json::Object aliases;
  if (serving) aliases.emplace_back(options.name, json::Object{});
  json::Object body = {{"aliases", std::move(aliases)},
                       {"mappings", json::Object{{"_meta", meta_with(std::move(build))}}}};
  if (!serving)
    body.emplace_back("settings",
                      json::Object{{"index", json::Object{{"refresh_interval", "-1"}}}});
  return json::dump(body);
}

/// {"add": {"index": …, "alias": …}} and the like.
void write_action(json::Writer& out, const char* verb, const std::string& index,
                  const std::string& alias) {
  out.begin_object().key(verb).begin_object().field("index", index);
  if (!alias.empty()) out.field("alias", alias);
  out.end_object().end_object();
}

}  // namespace

namespace generations {

Task<Result<std::vector<Generation>>> list(Client& client, const Options& options,
                                           Deadline deadline) {
  auto call = call_of(net::Method::get,
                      "/" + options.name + "-v*?filter_path=*.aliases,*.mappings._meta,error");
  RESPRING_CO_TRY(const auto answer, co_await client.require(std::move(call), deadline));
  std::vector<Generation> out;
  if (const auto* indices = answer.body.as_object()) {
    for (const auto& [index, value] : *indices) {
      if (const auto number = generation_of(options, index))
        out.push_back(generation_from(*number, index, value, options));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Generation& a, const Generation& b) { return a.number < b.number; });
  co_return out;
}

/// An index that has just been made cannot be searched before its shards have started. Its status
/// is yellow until then, too, so the shards are asked for and not the status.
Task<Result<void>> wait_for_shards(Client& client, std::string index, Deadline deadline) {
  auto health = call_of(net::Method::get,
                        "/_cluster/health/" + index +
                            "?wait_for_active_shards=1&"
                            "wait_for_no_initializing_shards=true&timeout=10s",
                        {});
  RESPRING_CO_TRYV(co_await client.require(std::move(health), deadline));
  co_return success();
}

Task<Result<Generation>> create(Client& client, const Options& options, bool serving,
                                json::Value build, Deadline deadline) {
  auto put_template =
      call_of(net::Method::put, "/_index_template/" + options.name, template_json(options));
  RESPRING_CO_TRYV(co_await client.require(std::move(put_template), deadline));
  RESPRING_CO_TRY(const auto existing, co_await list(client, options, deadline));
  // Two that serve would leave no index to write to.
  for (const Generation& one : existing) {
    if (serving && one.serving) co_return conflict("another process has just made " + one.index);
  }
  Generation fresh;
  fresh.number = existing.empty() ? 1 : existing.back().number + 1;
  fresh.index = index_name(options, fresh.number);
  fresh.serving = serving;
  fresh.readable = true;
  fresh.build = build;
  auto put_index =
      call_of(net::Method::put, "/" + fresh.index, index_json(options, serving, std::move(build)));
  put_index.idempotent = false;
  RESPRING_CO_TRY(const auto answer, co_await client.call(std::move(put_index), deadline));
  if (answer.error_type() == "resource_already_exists_exception")
    co_return conflict("another process has just made " + fresh.index);
  if (!answer.ok()) co_return client.refusal(answer);
  co_return fresh;
}

Task<Result<void>> note(Client& client, const Options& options, int number, json::Value build,
                        Deadline deadline) {
  const json::Value body = json::Object{{"_meta", meta_with(std::move(build))}};
  auto call =
      call_of(net::Method::put, "/" + index_name(options, number) + "/_mapping", json::dump(body));
  RESPRING_CO_TRYV(co_await client.require(std::move(call), deadline));
  co_return success();
}

/// Makes what is written visible by itself again, as it is everywhere else.
Task<Result<void>> show(Client& client, std::string index, Deadline deadline) {
  auto call = call_of(net::Method::put, "/" + index + "/_settings",
                      R"({"index": {"refresh_interval": null}})");
  RESPRING_CO_TRYV(co_await client.require(std::move(call), deadline));
  co_return success();
}

Task<Result<void>> serve(Client& client, const Options& options, int number,
                         std::vector<int> replaced, Deadline deadline) {
  RESPRING_CO_TRY(const auto existing, co_await list(client, options, deadline));
  const auto chosen = std::find_if(existing.begin(), existing.end(),
                                   [&](const Generation& one) { return one.number == number; });
  if (chosen == existing.end())
    co_return not_found("there is no index " + index_name(options, number));
  if (!chosen->readable) co_return unreadable(*chosen);
  RESPRING_CO_TRYV(co_await show(client, chosen->index, deadline));
  json::Writer body;
  body.begin_object().key("actions").begin_array();
  for (const auto& one : existing) {
    if (std::count(replaced.begin(), replaced.end(), one.number) != 0) {
      write_action(body, "remove_index", one.index, "");
    } else if (one.serving && one.number != number) {
      write_action(body, "remove", one.index, options.name);
    }
  }
  write_action(body, "add", chosen->index, options.name);
  body.end_array().end_object();
  auto call = call_of(net::Method::post, "/_aliases", body.take());
  call.idempotent = false;
  RESPRING_CO_TRYV(co_await client.require(std::move(call), deadline));
  co_return success();
}

Task<Result<void>> remove(Client& client, const Options& options, int number, Deadline deadline) {
  RESPRING_CO_TRY(const auto existing, co_await list(client, options, deadline));
  for (const auto& one : existing) {
    if (one.number == number && one.serving)
      co_return conflict(one.index + " serves; let another one serve first");
  }
  auto call = call_of(net::Method::delete_, "/" + index_name(options, number));
  RESPRING_CO_TRY(const auto answer, co_await client.call(std::move(call), deadline));
  if (!answer.ok() && answer.status != 404) co_return client.refusal(answer);
  co_return success();
}

Task<Result<Engine>> prepare(Client& client, const Options& options, Deadline deadline) {
  RESPRING_CO_TRY(const auto engine, co_await client.detect(deadline));
  RESPRING_CO_TRYV(co_await require_nori(client, engine, deadline));
  for (int attempt = 0; attempt < 3; ++attempt) {
    RESPRING_CO_TRY(const auto existing, co_await list(client, options, deadline));
    for (const auto& one : existing) {
      if (options.generation ? one.number != *options.generation : !one.serving) continue;
      if (!one.readable) co_return unreadable(one);
      RESPRING_CO_TRYV(co_await wait_for_shards(client, one.index, deadline));
      co_return engine;
    }
    if (options.generation)
      co_return unavailable("the search index " + target_of(options) + " does not exist");
    json::Value nothing;
    const auto made = co_await create(client, options, true, std::move(nothing), deadline);
    if (made) {
      RESPRING_CO_TRYV(co_await wait_for_shards(client, made.value().index, deadline));
      co_return engine;
    }
    if (made.error().code != ErrorCode::conflict) co_return made.error();
  }
  co_return unavailable("others keep making and removing the search index " + options.name);
}

}  // namespace generations

struct Generations::Parts {
  explicit Parts(Options given) : options(std::move(given)), client(options) {}
  Deadline deadline() const { return std::chrono::steady_clock::now() + options.admin_timeout; }

  Options options;
  Loop loop;  // before the client, whose connections live on it
  Client client;
};

Generations::Generations(Options options) : p_(std::make_unique<Parts>(std::move(options))) {}
Generations::~Generations() = default;

Result<std::vector<Generation>> Generations::list() {
  return p_->loop.block_on(generations::list(p_->client, p_->options, p_->deadline()));
}

Result<Generation> Generations::create(json::Value build) {
  return p_->loop.block_on(
      generations::create(p_->client, p_->options, false, std::move(build), p_->deadline()));
}

Result<void> Generations::note(int number, json::Value build) {
  return p_->loop.block_on(
      generations::note(p_->client, p_->options, number, std::move(build), p_->deadline()));
}

Result<void> Generations::serve(int number) {
  return p_->loop.block_on(generations::serve(p_->client, p_->options, number, {}, p_->deadline()));
}

Result<void> Generations::remove(int number) {
  return p_->loop.block_on(generations::remove(p_->client, p_->options, number, p_->deadline()));
}

}  // namespace respring::elasticsearch
