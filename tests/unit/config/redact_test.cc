// What is hidden before a value is shown.
#include "config/redact.h"

#include <gtest/gtest.h>

namespace respring::config {
namespace {

TEST(Redact, NoSecretOfAnAddressIsShown) {
  for (const char* text :
       {"mysql://respring:CANARY@db:3306/user", "mysql://u:CANARY@ss:w@db/user",
        "redis://:CANARY@h", "mysql://u:a/CANARY@db/user", "mysql://u:a@CANARY@db/user",
        "http://CANARY@host:4318/v1", "https://CANARY@host", "http://a:1,http://u:CANARY@b:2",
        "http://u:p@a,http://u:CANARY@b", "kafka://a:1,u:CANARY@b:2",
        "kafka://a:1?sasl.password=CANARY", "redis://h/0?password=CANARY",
        "http://host/v1/traces?api_key=CANARY", "http://host/v1/traces?a=b&token=CANARY",
        "http://host?CANARY", "s3://b?endpoint=http://u:CANARY@h:1",
        "s3://b?endpoint=http://h:1&secret=CANARY", "mysql://u@h/x?tls=required&password=CANARY",
        "'http://u:CANARY@h' is not an address"})
    EXPECT_EQ(without_secrets(text).find("CANARY"), std::string::npos) << without_secrets(text);
}

TEST(Redact, TheRestIs) {
  EXPECT_EQ(without_secrets("mysql://respring:pw@db:3306/user"),
            "mysql://respring:***@db:3306/user");
  EXPECT_EQ(without_secrets("http://h/v1/traces?api_key=x"), "http://h/v1/traces?api_key=***");
  EXPECT_EQ(without_secrets("http://u:p@a:1,http://u:p@b:2"), "http://u:***@a:1,http://u:***@b:2");
  for (const char* text :
       {"", "sqlite:user.db", "127.0.0.1:8080", "redis://cache:6379/0", "minji@example",
        "mysql://respring@db:3306/user?tls=required&ca=/etc/ca.pem",
        "https://chat.example/@minji:1", "elasticsearch+http://elastic@search:9200",
        "http://a:1,http://b:2", "kafka://a:9092,b:9092",
        "s3://respring/site?endpoint=https://s3.example.net:9000&region=us-east-1"})
    EXPECT_EQ(without_secrets(text), text);
}

}  // namespace
}  // namespace respring::config
