// SPDX-License-Identifier: Apache-2.0
// librdkafka, loaded when the first Kafka exporter is made: agents without one neither need it nor
// pay for it.
#pragma once

#include <librdkafka/rdkafka.h>

#include "agent/base/result.h"

namespace weft::kafka {

// The functions in use, named as in librdkafka's manual without "rd_kafka_".
struct RdkafkaLibrary {
  decltype(&::rd_kafka_conf_new) conf_new;
  decltype(&::rd_kafka_conf_destroy) conf_destroy;
  decltype(&::rd_kafka_conf_set) conf_set;
  decltype(&::rd_kafka_conf_set_opaque) conf_set_opaque;
  decltype(&::rd_kafka_conf_set_dr_msg_cb) conf_set_dr_msg_cb;
  decltype(&::rd_kafka_conf_set_error_cb) conf_set_error_cb;
  decltype(&::rd_kafka_conf_set_log_cb) conf_set_log_cb;
  decltype(&::rd_kafka_new) make;
  decltype(&::rd_kafka_destroy) destroy;
  decltype(&::rd_kafka_topic_new) topic_new;
  decltype(&::rd_kafka_topic_destroy) topic_destroy;
  decltype(&::rd_kafka_produce) produce;
  decltype(&::rd_kafka_poll) poll;
  decltype(&::rd_kafka_purge) purge;
  decltype(&::rd_kafka_last_error) last_error;
  decltype(&::rd_kafka_err2str) err2str;

  // Loads once; stays loaded. Error kFailure: not installed, or too old for rd_kafka_purge
  // (1.0). Any thread.
  static Result<const RdkafkaLibrary*> load();
};

}  // namespace weft::kafka
