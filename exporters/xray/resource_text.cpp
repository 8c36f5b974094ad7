// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/resource_text.h"

#include <span>

#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "exporters/otlp/encode/plain_value.h"

namespace weft::xray {

using otlp::JsonWriter;

namespace {

constexpr size_t kMaxResources = 1024;

// A member of a document, and the resource attribute it shows.
struct Member {
  std::string_view name;
  Key key;
};
constexpr Member kEks[] = {{"cluster_name", "k8s.cluster.name"},
                           {"pod", "k8s.pod.name"},
                           {"container_id", "container.id"}};
constexpr Member kEcs[] = {{"container", "container.name"},
                           {"container_id", "container.id"},
                           {"container_arn", "aws.ecs.container.arn"},
                           {"cluster_arn", "aws.ecs.cluster.arn"},
                           {"task_arn", "aws.ecs.task.arn"},
                           {"task_family", "aws.ecs.task.family"},
                           {"launch_type", "aws.ecs.launchtype"},
                           {"availability_zone", "cloud.availability_zone"}};
constexpr Member kEc2[] = {{"instance_id", "host.id"},
                           {"availability_zone", "cloud.availability_zone"},
                           {"instance_size", "host.type"},
                           {"ami_id", "host.image.id"}};

struct Platform {
  std::string_view name;    // cloud.platform
  std::string_view origin;  // X-Ray's name for it
  std::string_view block;   // member of "aws"; "": none
  std::span<const Member> members;
};
constexpr Platform kPlatforms[] = {
    {"aws_eks", "AWS::EKS::Container", "eks", kEks},
    {"aws_ecs", "AWS::ECS::Container", "ecs", kEcs},
    {"aws_ec2", "AWS::EC2::Instance", "ec2", kEc2},
    {"aws_elastic_beanstalk", "AWS::ElasticBeanstalk::Environment", "", {}},
    {"aws_app_runner", "AWS::AppRunner::Service", "", {}},
};

const Platform* platform_of(const Attributes& attributes) {
  const std::string_view name = attributes.text("cloud.platform");
  for (const Platform& platform : kPlatforms) {
    if (platform.name == name) return &platform;
  }
  return nullptr;
}

std::string aws(const Attributes& attributes, const Platform* platform) {
  std::string out;
  JsonWriter json(out);
  json.key("xray").open('{').key("sdk").text("weft").key("sdk_version").text(kVersion);
  json.key("auto_instrumentation").boolean(true).close('}');
  if (!platform) return out;
  if (const auto account = attributes.text("cloud.account.id"); !account.empty()) {
    json.key("account_id").text(account);
  }
  if (platform->block.empty()) return out;
  json.key(platform->block).open('{');
  for (const Member& member : platform->members) {
    const std::string_view value = attributes.text(member.key);
    if (!value.empty()) json.key(member.name).text(value);
  }
  json.close('}');
  return out;
}

std::string segment(const Attributes& attributes, const Platform* platform) {
  std::string out;
  JsonWriter json(out);
  if (platform) json.key("origin").text(platform->origin);
  if (const auto version = attributes.text(semconv::kServiceVersion); !version.empty()) {
    json.key("service").open('{').key("version").text(version).close('}');
  }
  return out;
}

std::string metadata(const Attributes& attributes) {
  std::string out;
  JsonWriter json(out);
  for (const Attribute& attribute : attributes) {
    json.key(std::string(kResourcePrefix).append(attribute.key.text()));
    write_value(json, attribute.value);
  }
  return out;
}

}  // namespace

const ResourceText& ResourceTexts::of(const ResourcePtr& resource) {
  if (const auto it = known_.find(resource.get()); it != known_.end()) return it->second.text;
  if (known_.size() >= kMaxResources) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.resource.expired(); });
    if (known_.size() >= kMaxResources) known_.clear();
  }
  const Attributes& attributes = resource->attributes;
  const Platform* platform = platform_of(attributes);
  Entry& entry = known_[resource.get()];
  entry = {resource,
           {aws(attributes, platform), segment(attributes, platform), metadata(attributes)}};
  return entry.text;
}

}  // namespace weft::xray
