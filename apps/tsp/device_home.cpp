#include "device_home.h"

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "configuration.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestDeviceFile = 1 << 16;
constexpr const char* kKeyFile = "device.key";
constexpr const char* kCardFile = "card";
constexpr const char* kOwnerFile = "owner.json";

Error damaged(const std::string& path) {
  return {Fault::tampered, "the device in " + path + " is damaged", "",
          "restore it, or make another"};
}

}  // namespace

Bytes read_card(const std::string& path) {
  constexpr std::size_t kLargestCard = 1 << 14;
  std::string text(as_text(read_file(path, kLargestCard)));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto octets = from_base64(text);
  if (!octets) throw Error(Fault::bad_input, path + " is no device's card");
  return std::move(*octets);
}

std::string resolve_device_home(const std::string& option) {
  if (!option.empty()) return absolute_path(option);
  if (const auto home = environment("TSP_DEVICE"); !home.empty()) return absolute_path(home);
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty())
    return absolute_path(data + "/tsp-device");
  const auto person = environment("HOME");
  if (person.empty())
    throw Error(Fault::usage, "no folder for the device is known",
                "neither --device nor TSP_DEVICE, XDG_DATA_HOME or HOME is given");
  return absolute_path(person + "/.local/share/tsp-device");
}

void DeviceHome::refuse_existing() const {
  if (exists(file(kKeyFile)))
    throw Error(Fault::already_exists, "a device stands in " + path_, "",
                "nothing was changed; give another --device");
}

void DeviceHome::make(const sam::Device& device, const Owner& owner,
                      const Secret& passphrase) const {
  make_directory(path_, 0700);
  const Json json = {{"user", owner.user}, {"provider", owner.provider}};
  write_file(file(kOwnerFile), as_bytes(json.dump(2) + "\n"), Existing::replace, 0600);
  write_file(file(kCardFile), as_bytes(to_base64(sam::encode(device.card())) + "\n"),
             Existing::replace, 0600);
  // The key comes last: without it there is no device.
  write_file(file(kKeyFile), device.seal(passphrase, crypto::Argon2{}), Existing::keep, 0600);
}

DeviceHome::Owner DeviceHome::owner() const {
  if (!exists(file(kKeyFile)))
    throw Error(Fault::not_found, "there is no device in " + path_, "",
                "make one with tsp device init, or give --device");
  const Bytes text = read_file(file(kOwnerFile), kLargestDeviceFile);
  try {
    const Json json = parse_json(text, file(kOwnerFile));
    return {json.at("user").get<std::string>(), json.at("provider").get<std::string>()};
  } catch (const Json::exception&) {
    throw damaged(path_);
  }
}

sam::DeviceCard DeviceHome::card() const {
  std::string text(as_text(read_file(file(kCardFile), kLargestDeviceFile)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto octets = from_base64(text);
  if (!octets) throw damaged(path_);
  return sam::decode_card(*octets);
}

sam::Device DeviceHome::open(const Secret& passphrase) const {
  return sam::Device::open(read_file(file(kKeyFile), kLargestDeviceFile), passphrase);
}

void DeviceHome::check(const sam::ActivationRequest& request) const {
  const Owner mine = owner();
  if (request.signer != mine.user || request.provider != mine.provider)
    throw Error(Fault::policy_refused, "the request is not for this device",
                "it asks " + printable(request.signer) + " for " + printable(request.provider),
                "nothing was approved");
}

}  // namespace tsp::app
