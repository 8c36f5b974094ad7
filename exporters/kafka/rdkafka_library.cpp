// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/rdkafka_library.h"

#include <dlfcn.h>

namespace weft::kafka {
namespace {

constexpr char kName[] = "librdkafka.so.1";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, RdkafkaLibrary& rdkafka) {
  return find(library, "rd_kafka_conf_new", rdkafka.conf_new) &&
         find(library, "rd_kafka_conf_destroy", rdkafka.conf_destroy) &&
         find(library, "rd_kafka_conf_set", rdkafka.conf_set) &&
         find(library, "rd_kafka_conf_set_opaque", rdkafka.conf_set_opaque) &&
         find(library, "rd_kafka_conf_set_dr_msg_cb", rdkafka.conf_set_dr_msg_cb) &&
         find(library, "rd_kafka_conf_set_error_cb", rdkafka.conf_set_error_cb) &&
         find(library, "rd_kafka_conf_set_log_cb", rdkafka.conf_set_log_cb) &&
         find(library, "rd_kafka_new", rdkafka.make) &&
         find(library, "rd_kafka_destroy", rdkafka.destroy) &&
         find(library, "rd_kafka_topic_new", rdkafka.topic_new) &&
         find(library, "rd_kafka_topic_destroy", rdkafka.topic_destroy) &&
         find(library, "rd_kafka_produce", rdkafka.produce) &&
         find(library, "rd_kafka_poll", rdkafka.poll) &&
         find(library, "rd_kafka_purge", rdkafka.purge) &&
         find(library, "rd_kafka_last_error", rdkafka.last_error) &&
         find(library, "rd_kafka_err2str", rdkafka.err2str);
}

Result<RdkafkaLibrary> open_library() {
  void* library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return fail(ExitCode::kFailure, std::string("Kafka needs librdkafka: ") + dlerror() +
                                        " (on Debian: apt-get install librdkafka1)");
  }
  RdkafkaLibrary rdkafka{};
  if (!find_all(library, rdkafka)) {
    dlclose(library);
    return fail(ExitCode::kFailure, std::string("Kafka needs librdkafka 1.0 or newer; ") + kName +
                                        " is older or broken");
  }
  return rdkafka;
}

}  // namespace

Result<const RdkafkaLibrary*> RdkafkaLibrary::load() {
  static const Result<RdkafkaLibrary> kLibrary = open_library();
  if (!kLibrary) return std::unexpected(kLibrary.error());
  return &*kLibrary;
}

}  // namespace weft::kafka
