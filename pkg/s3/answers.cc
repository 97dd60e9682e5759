#include "s3/answers.h"

#include <algorithm>

#include <tinyxml2.h>

namespace respring::s3 {
namespace {

/// A child's text; empty when there is no such child.
std::string text_of(const tinyxml2::XMLElement& parent, const char* name) {
  const auto* child = parent.FirstChildElement(name);
  const char* text = child == nullptr ? nullptr : child->GetText();
  return text == nullptr ? "" : text;
}

Error strange() {
  return {ErrorCode::upstream_unavailable, "it answers a list otherwise than S3 does", {}, {}};
}

/// Its root, if the text is XML and the root is called so.
const tinyxml2::XMLElement* root_of(tinyxml2::XMLDocument& document, std::string_view xml,
                                    std::string_view name) {
  if (document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS) return nullptr;
  const auto* root = document.RootElement();
  return root != nullptr && root->Name() == name ? root : nullptr;
}

}  // namespace

Result<ListPage> list_page(std::string_view xml) {
  tinyxml2::XMLDocument document;
  const auto* root = root_of(document, xml, "ListBucketResult");
  if (root == nullptr) return strange();
  ListPage page;
  for (const auto* entry = root->FirstChildElement("Contents"); entry != nullptr;
       entry = entry->NextSiblingElement("Contents"))
    page.keys.push_back(text_of(*entry, "Key"));
  if (text_of(*root, "IsTruncated") == "true") {
    page.next = text_of(*root, "NextContinuationToken");
    if (page.next.empty()) return strange();
  }
  return page;
}

std::string refusal_code(std::string_view xml) {
  tinyxml2::XMLDocument document;
  const auto* root = root_of(document, xml, "Error");
  if (root == nullptr) return "";
  const std::string code = text_of(*root, "Code");
  // It goes into sentences: a word, or it is none of S3's.
  const bool is_word = code.size() <= 60 && std::all_of(code.begin(), code.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
                       });
  return is_word ? code : "";
}

}  // namespace respring::s3
