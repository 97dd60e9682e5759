// Rules about what runs to an end, once or by the clock.
#include <algorithm>

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
}

/// Exit codes that another attempt cannot change end a Job.
bool gives_up(const Value& job, int code) {
  const auto& rules = items_at(job, "podFailurePolicy.rules");
  return std::ranges::any_of(rules, [&](const Value& rule) {
    const auto& values = items_at(rule, "onExitCodes.values");
    return text_at(rule, "action") == "FailJob" && text_at(rule, "onExitCodes.operator") == "In" &&
           std::ranges::any_of(values, [&](const Value& value) {
             return text_at(value, "") == std::to_string(code);
           });
  });
}

/// The spec of a Job, at `path` of the object.
void check_job(Look& look, const Value& object, const std::string& path) {
  const Value& job = at(object, path);
  if (!is_at_least(job, "activeDeadlineSeconds", 1))
    look.found(object,
               path + ".activeDeadlineSeconds is missing: one that hangs would run for ever");
  if (!is_at_least(job, "backoffLimit", 0) || is_at_least(job, "backoffLimit", 21))
    look.found(object, path + ".backoffLimit is missing or above 20");
  if (!runs_respring(look, object)) return;
  for (const int code : look.facts().final_exits) {
    if (!gives_up(job, code))
      look.found(object, path + ".podFailurePolicy does not give up at exit code " +
                             std::to_string(code) + ", which no other attempt changes");
  }
  // Else the pod starts its container again, and the policy is never asked.
  if (text_at(job, "template.spec.restartPolicy") != "Never")
    look.found(object, path + ".template.spec.restartPolicy is not Never");
}

}  // namespace

void check_schedules(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "CronJob") check_schedule(look, object);
  }
}

void check_jobs(Look& look) {
  for (const Value& object : look.objects()) {
    const std::string kind = text_at(object, "kind");
    if (kind == "Job") check_job(look, object, "spec");
    if (kind == "CronJob") check_job(look, object, "spec.jobTemplate.spec");
  }
}

}  // namespace respring::manifests
