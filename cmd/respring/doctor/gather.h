#pragma once

#include "ops/doctor/facts.h"
#include "respring/site.h"

namespace respring::cmd {

/// Looks at everything the doctor judges, and a server may run meanwhile. Nothing is written but a
/// probe in the blob store, which is removed again.
/// `full` reads every page of every file and every room, else big files and most rooms are left
/// out.
doctor::Facts gather_facts(const Settings& settings, bool full);

/// The parts of it.
doctor::DirectoryFacts look_at_directory(const std::filesystem::path& path);
std::vector<doctor::DatabaseFacts> look_at_databases(const Settings& settings, const DataDir& dir,
                                                     bool full);
void look_at_stores(const Site& site, bool full, doctor::Facts& facts);
/// Kafka with its groups, Redis, the search engine: those that the settings name.
void look_at_servers(const Settings& settings, doctor::Facts& facts);
/// Lists, writes, reads and removes a blob. A folder that is not there yet holds nothing to lose.
void look_at_blobs(const Settings& settings, const DataDir& dir, doctor::Facts& facts);
/// A clock of milliseconds ahead of this machine's.
std::int64_t ahead_of_here(std::int64_t clock_ms);
doctor::MachineFacts look_at_machine(const Settings& settings);
doctor::ConfigFacts look_at_config(const Settings& settings);

}  // namespace respring::cmd
