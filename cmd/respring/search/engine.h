#pragma once

#include "elasticsearch/generations.h"
#include "elasticsearch/search_index.h"
#include "ops/reindex/rebuild.h"

namespace respring::cmd {

/// A generation on a search engine: what is written becomes visible with refresh().
std::unique_ptr<reindex::Target> open_target(elasticsearch::Options options,
                                             std::optional<int> generation);

/// The generations that a search engine has.
class SearchEngine final : public reindex::Engine {
 public:
  explicit SearchEngine(elasticsearch::Options options)
      : options_(options), generations_(std::move(options)) {}

  Result<std::vector<reindex::Generation>> list() override;
  Result<reindex::Generation> create(const reindex::Build& build) override;
  Result<void> note(int number, const reindex::Build& build) override;
  Result<void> serve(int number) override { return generations_.serve(number); }
  Result<void> remove(int number) override { return generations_.remove(number); }
  Result<std::unique_ptr<reindex::Target>> open(int number) override {
    return open_target(options_, number);
  }

 private:
  const elasticsearch::Options options_;
  elasticsearch::Generations generations_;
};

}  // namespace respring::cmd
