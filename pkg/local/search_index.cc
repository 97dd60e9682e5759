#include "local/search_index.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "async/pool.h"
#include "chat/search_match.h"
#include "chat/search_terms.h"
#include "local/search_tables.h"

namespace respring::local {
namespace {

using chat::SearchHit;
using chat::SearchQuery;
using chat::TermQuery;
using search_tables::Candidate;
using search_tables::Candidates;

/// The conditions in FTS5's language. Terms hold nothing that it could take for its own.
std::string expression_of(const std::vector<TermQuery>& conditions) {
  std::string out;
  for (const auto& [kind, terms] : conditions) {
    const bool is_gram = kind == TermQuery::Kind::phrase || kind == TermQuery::Kind::syllable;
    const bool is_prefix =
        kind == TermQuery::Kind::syllable || kind == TermQuery::Kind::word_prefix;
    if (!out.empty()) out += " AND ";
    out += is_gram ? "grams : \"" : "words : \"";
    for (const auto& term : terms) out += (&term == terms.data() ? "" : " ") + term;
    out += is_prefix ? "\" *" : "\"";
  }
  return out;
}

/// A match with what decides its place.
struct Ranked {
  SearchHit hit;
  std::size_t whole_words = 0;
  Time created_at{};

  bool before(const Ranked& other) const {
    if (whole_words != other.whole_words) return whole_words > other.whole_words;
    if (created_at != other.created_at) return created_at > other.created_at;
    if (hit.seq != other.hit.seq) return hit.seq > other.hit.seq;
    return hit.room < other.hit.room;
  }
};

/// One search: walks the candidates from the newest on and keeps what matches.
class Search {
 public:
  Search(const SearchQuery& query, chat::SearchWords words, std::size_t ranked)
      : query_(query), words_(std::move(words)), ranked_(ranked) {
    for (const auto& [room, first_seq] : query.rooms) first_seqs_.emplace(room, first_seq);
  }

  Result<std::vector<SearchHit>> run(sql::Connection& connection) {
    const auto offset = static_cast<std::size_t>(std::max<std::int64_t>(query_.offset, 0));
    const auto limit = static_cast<std::size_t>(std::max(query_.limit, 0));
    const auto expression = expression_of(chat::query_terms(words_));
    RESPRING_TRY(auto candidates, Candidates::find(connection, query_, expression));
    while (matches_.size() < std::max(ranked_, offset + limit)) {
      RESPRING_TRY(const auto candidate, candidates.next());
      if (!candidate) break;
      consider(*candidate);
    }
    return page(offset, limit);
  }

 private:
  void consider(const Candidate& candidate) {
    const auto room = first_seqs_.find(candidate.room);
    if (room == first_seqs_.end() || candidate.seq < room->second) return;
    if (query_.sender && candidate.sender != *query_.sender) return;
    if (query_.since && candidate.created_at < *query_.since) return;
    if (query_.until && candidate.created_at >= *query_.until) return;
    const auto found = chat::match(candidate.text, words_);
    if (!found) return;
    matches_.push_back({{candidate.room, candidate.seq}, found->whole_words, candidate.created_at});
  }

  std::vector<SearchHit> page(std::size_t offset, std::size_t limit) {
    const auto end = static_cast<std::ptrdiff_t>(std::min(ranked_, matches_.size()));
    std::sort(matches_.begin(), matches_.begin() + end,
              [](const Ranked& a, const Ranked& b) { return a.before(b); });
    std::vector<SearchHit> hits;
    for (std::size_t i = offset; i < matches_.size() && hits.size() < limit; ++i)
      hits.push_back(matches_[i].hit);
    return hits;
  }

  const SearchQuery& query_;
  chat::SearchWords words_;
  std::size_t ranked_;
  std::unordered_map<RoomId, Seq> first_seqs_;
  std::vector<Ranked> matches_;
};

class LocalSearchIndex final : public chat::SearchIndex {
 public:
  LocalSearchIndex(SearchIndexOptions options, std::unique_ptr<sql::Connection> writer)
      : ranked_(options.ranked),
        writer_(std::move(writer)),
        readers_(options.connect, options.readers),
        pool_({.name = "search", .threads = options.readers, .queue_limit = options.queue_limit}) {}

  Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
    const std::lock_guard lock(mutex_);
    return search_tables::write(*writer_, documents);
  }

  Task<Result<std::vector<SearchHit>>> search(SearchQuery query) override {
    RESPRING_CO_TRY(auto words, chat::parse_search(query.text));
    if (words.empty() || query.rooms.empty()) co_return std::vector<SearchHit>();
    auto work = [this, query = std::move(query), words = std::move(words)]() mutable {
      return search_now(query, std::move(words));
    };
    co_return co_await pool_.run(std::move(work));
  }

  Result<std::int64_t> count(RoomId room) override {
    const std::lock_guard lock(mutex_);
    return search_tables::count(*writer_, room);
  }

  Result<void> clear(RoomId room) override {
    const std::lock_guard lock(mutex_);
    return search_tables::clear(*writer_, room);
  }

 private:
  Result<std::vector<SearchHit>> search_now(const SearchQuery& query, chat::SearchWords words) {
    RESPRING_TRY(auto connection, readers_.acquire());
    return Search(query, std::move(words), ranked_).run(*connection);
  }

  std::size_t ranked_;
  std::mutex mutex_;
  std::unique_ptr<sql::Connection> writer_;
  sql::Pool readers_;
  async::BlockingPool pool_;
};

}  // namespace

Result<std::unique_ptr<chat::SearchIndex>> open_search_index(SearchIndexOptions options) {
  RESPRING_TRY(auto writer, options.connect());
  return std::unique_ptr<chat::SearchIndex>(
      std::make_unique<LocalSearchIndex>(std::move(options), std::move(writer)));
}

}  // namespace respring::local
