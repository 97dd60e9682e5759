// Bodies for `_bulk` made in advance, to measure reindexing against: reads one message a line
// (room, seq, sender, created_at in ms, version, text; tabs between them), writes FOLDER/0.ndjson,
// 1.ndjson, … of 1,000 messages each. See reindex.py.
#include <fstream>
#include <iostream>
#include <sstream>

#include "elasticsearch/bulk.h"

namespace respring {
namespace {

constexpr std::size_t kAtOnce = 1000;

chat::SearchDocument document_of(const std::string& line) {
  std::istringstream in(line);
  chat::SearchDocument document;
  std::int64_t created_at = 0;
  std::string text;
  in >> document.room.value >> document.seq >> document.sender.value >> created_at >>
      document.version;
  in.ignore();
  std::getline(in, text);
  document.created_at = from_ms(created_at);
  document.text = text;
  return document;
}

void write(const std::string& folder, int number, const std::vector<chat::SearchDocument>& page) {
  elasticsearch::Documents documents;
  for (const auto& document : page) documents.push_back(&document);
  std::ofstream out(folder + "/" + std::to_string(number) + ".ndjson", std::ios::binary);
  out << elasticsearch::bulk_json(documents, kAtOnce, 1ULL << 30U).text;
}

int run(const std::string& folder) {
  std::vector<chat::SearchDocument> page;
  int number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    page.push_back(document_of(line));
    if (page.size() < kAtOnce) continue;
    write(folder, number++, page);
    page.clear();
  }
  if (!page.empty()) write(folder, number, page);
  return 0;
}

}  // namespace
}  // namespace respring

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bulk_bodies FOLDER < messages\n";
    return 64;
  }
  return respring::run(argv[1]);
}
