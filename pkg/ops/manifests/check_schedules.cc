// Rules about what runs by the clock.
#include "ops/manifests/check.h"
#include "ops/manifests/schedule.h"

namespace respring::manifests {
namespace {

using json::Value;

bool is_at_least(const Value& value, std::string_view path, int least) {
  const std::string text = text_at(value, path);
  return !text.empty() && number_of(text, -1) >= least;
}

void check_schedule(Look& look, const Value& object) {
  const std::string schedule = text_at(object, "spec.schedule");
  if (const auto wrong = wrong_with_schedule(schedule))
    look.found(object, "spec.schedule '" + schedule + "' " + *wrong);
  if (text_at(object, "spec.timeZone").empty())
    look.found(object, "spec.timeZone is missing: each cluster would have its own");
  if (text_at(object, "spec.concurrencyPolicy") != "Forbid")
    look.found(object, "spec.concurrencyPolicy is not Forbid: two would work on the same rows");
  // Below, Kubernetes may never see that it is time; without, it gives up after a long outage.
  if (!is_at_least(object, "spec.startingDeadlineSeconds", 10))
    look.found(object, "spec.startingDeadlineSeconds is missing or below 10");
  for (const char* limit : {"spec.successfulJobsHistoryLimit", "spec.failedJobsHistoryLimit"}) {
    if (!is_at_least(object, limit, 1) || is_at_least(object, limit, 11))
      look.found(object, std::string(limit) + " is not 1 to 10");
  }
  if (!is_at_least(object, "spec.jobTemplate.spec.activeDeadlineSeconds", 1))
    look.found(object,
               "spec.jobTemplate.spec.activeDeadlineSeconds is missing: one that hangs "
               "would keep all others from running");
  if (!is_at_least(object, "spec.jobTemplate.spec.backoffLimit", 0))
    look.found(object, "spec.jobTemplate.spec.backoffLimit is missing");
}

}  // namespace

void check_schedules(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "CronJob") check_schedule(look, object);
  }
}

}  // namespace respring::manifests
