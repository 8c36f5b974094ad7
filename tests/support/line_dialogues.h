// SPDX-License-Identifier: Apache-2.0
// Other line-based protocols, from the greeting to the end: no session may make a span of them,
// however they are split and from whatever part on they are seen.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/abi/weft_sniff.h"
#include "tests/support/session_driver.h"

namespace weft::test {

struct Said {
  bool by_client;
  std::string bytes;
};
struct Dialogue {
  std::string_view protocol;
  std::vector<Said> parts;
};

// "C: …" and "S: …": a line of the client or the server, sent with CRLF. Consecutive lines of one
// side are one message. `end`: the line end.
inline Dialogue dialogue(std::string_view protocol, std::string_view script,
                         std::string_view end = "\r\n") {
  Dialogue out{protocol, {}};
  while (!script.empty()) {
    const std::string_view line = script.substr(0, script.find('\n'));
    script.remove_prefix(std::min(line.size() + 1, script.size()));
    const bool by_client = line[0] == 'C';
    if (out.parts.empty() || out.parts.back().by_client != by_client)
      out.parts.push_back({by_client, ""});
    out.parts.back().bytes += std::string(line.substr(3)) + std::string(end);
  }
  return out;
}

inline const std::vector<Dialogue>& line_dialogues() {
  static const std::vector<Dialogue> kAll = {
      dialogue("POP3",
               "S: +OK POP3 server ready <1896.697@example.org>\nC: USER mrose\nS: +OK\n"
               "C: PASS secret\nS: -ERR invalid password\nC: AUTH PLAIN\nS: + \n"
               "C: AHVzZXIAcGFzcw==\nS: +OK\nC: STAT\nS: +OK 2 320\nC: TYPE\nS: -ERR x\n"
               "C: LIST\nS: +OK 2 messages\nS: 1 120\nS: 2 200\nS: .\nC: NOOP\nS: +OK\n"
               "C: RETR 1\nS: +OK 120 octets\nS: Subject: *1\nS: \nS: $4\nS: PING\nS: .\n"
               "C: TIME\nS: -ERR\nC: RSET\nS: +OK\nC: QUIT\nS: +OK bye\n"),
      dialogue("POP3, without a greeting's text",
               "S: +OK\nC: AUTH\nS: -ERR x\nC: SAVE\nS: -ERR y\nC: QUIT\nS: +OK\n"),
      dialogue(
          "POP3, pipelined",
          "S: +OK\nC: USER a\nC: PASS b\nC: STAT\nC: QUIT\nS: +OK\nS: +OK\nS: +OK 0 0\nS: +OK\n"),
      dialogue(
          "IMAP",
          "S: * OK [CAPABILITY IMAP4rev1] ready\nC: a1 LOGIN mrose secret\nS: a1 OK done\n"
          "C: a2 SELECT INBOX\nS: * 18 EXISTS\nS: * FLAGS (\\Seen)\nS: a2 OK [READ-WRITE] done\n"
          "C: a3 APPEND INBOX {5}\nS: + OK\nC: hello\nS: a3 OK done\nC: a4 IDLE\nS: + idling\n"
          "S: * 19 EXISTS\nC: DONE\nS: a4 OK\nC: a5 LOGOUT\nS: * BYE\nS: a5 OK\n"),
      dialogue(
          "SMTP",
          "S: 220 mail.example.org ESMTP\nC: EHLO averyveryverylongnameofahost\n"
          "S: 250-mail.example.org\nS: 250 PIPELINING\nC: MAIL FROM:<a@example.org>\nS: 250 OK\n"
          "C: RCPT TO:</a/b@example.org>\nS: 250 OK\nC: DATA\nS: 354 go on\n"
          "C: GET / HTTP/1.1\nC: *1\nC: $4\nC: PING\nC: .\nS: 250 OK\nC: QUIT\nS: 221 bye\n"),
      dialogue(
          "FTP",
          "S: 220 ready\nC: USER anonymous\nS: 331 password\nC: PASS a@b\nS: 230 in\n"
          "C: CWD /pub/linux/distributions\nS: 250 OK\nC: TYPE I\nS: 200 binary\n"
          "C: STOR /a/file/with/a/long/name.iso\nS: 150 go\nS: 226 done\nC: APPEND /x\nS: 500 ?\n"
          "C: QUIT\nS: 221 bye\n"),
      dialogue("memcached",
               "C: set k 0 0 5\nC: hello\nS: STORED\nC: get k\nS: VALUE k 0 5\nS: hello\nS: END\n"
               "C: get /a/key/that/looks/like/a/path\nS: END\nC: incr n 1\nS: NOT_FOUND\nC: append "
               "k 0 0 1\n"
               "C: x\nS: STORED\nC: touch k 1\nS: TOUCHED\nC: bad\nS: ERROR\nC: quit\n"),
      dialogue("NATS",
               "S: INFO {\"server_id\":\"a\",\"auth_required\":false}\n"
               "C: CONNECT {\"verbose\":true,\"pedantic\":false}\nS: +OK\nC: PING\nS: PONG\n"
               "C: SUB foo.bar 1\nS: +OK\nC: PUB foo.bar 5\nC: hello\nS: +OK\nS: MSG foo.bar 1 5\n"
               "S: hello\nS: PING\nC: PONG\nC: PUB /foo/bar/baz/with/slashes 0\nC: \n"
               "S: -ERR 'Unknown Protocol Operation'\n"),
      dialogue("NATS, a client that checks first",
               "S: INFO {}\nC: PING\nS: PONG\nC: PING\nS: PONG\nS: -ERR 'Stale Connection'\n"),
      dialogue("beanstalkd",
               "C: put 0 0 60 5\nC: hello\nS: INSERTED 1\nC: reserve\nS: RESERVED 1 5\nS: hello\n"
               "C: delete 1\nS: DELETED\nC: touch 9\nS: NOT_FOUND\nC: stats\nS: OK 8\nS: --- a: 1\n"
               "C: watch t\nS: WATCHING 2\nC: quit\n"),
      dialogue(
          "STOMP",
          "C: CONNECT\nC: accept-version:1.2\nC: host:/\nC: \nC: \nS: CONNECTED\nS: version:1.2\n"
          "S: \nS: \nC: SEND\nC: destination:/queue/a\nC: \nC: *1\nC: \nC: SUBSCRIBE\nC: id:0\n"
          "C: destination:/queue/a\nC: \nS: MESSAGE\nS: message-id:1\nS: \nS: hello\n"
          "C: DISCONNECT\nS: ERROR\n",
          "\n"),
      {"STOMP, frames with their NUL",
       {{true, std::string("CONNECT\naccept-version:1.2\n\n\0", 29)},
        {false, std::string("CONNECTED\nversion:1.2\n\n\0\n", 25)},
        {true, std::string("SEND\ndestination:/q\n\nhello\0", 28)},
        {false, std::string("RECEIPT\nreceipt-id:1\n\n\0", 24)}}},
      dialogue(
          "IRC",
          "C: CAP LS 302\nC: NICK bob\nC: USER guest 0 * :Bob\nS: :irc.example 001 bob :Welcome\n"
          "S: PING :irc.example\nC: PONG :irc.example\nC: PING LAG1\nS: :irc.example PONG LAG1\n"
          "C: JOIN #chan\nS: :bob JOIN #chan\nC: PRIVMSG #chan :GET / HTTP/1.1\nC: TIME\n"
          "S: ERROR :closing\nC: QUIT :bye\n"),
      dialogue(
          "ManageSieve",
          "S: \"IMPLEMENTATION\" \"Example\"\nS: \"SASL\" \"PLAIN\"\nS: OK\n"
          "C: AUTHENTICATE \"PLAIN\" \"AGEAYg==\"\nS: OK\nC: PUTSCRIPT \"a\" {5+}\nC: keep;\nS: "
          "OK\n"
          "C: LISTSCRIPTS\nS: \"a\" ACTIVE\nS: OK\nC: GETSCRIPT \"a\"\nS: {5}\nS: keep;\nS: OK\n"
          "C: LOGOUT\nS: OK\n"),
      dialogue(
          "NNTP",
          "S: 200 ready\nC: GROUP misc.test\nS: 211 1 1 1 misc.test\nC: HEAD 1\nS: 221 1\nS: .\n"
          "C: QUIT\nS: 205 bye\n"),
      dialogue("MPD", "S: OK MPD 0.23.5\nC: ping\nS: OK\nC: status\nS: volume: 1\nS: OK\n", "\n"),
      dialogue("ClamAV", "C: PING\nS: PONG\n", "\n"),
      dialogue("ZooKeeper's four letters", "C: ruok\nS: imok\n", "\n"),
      dialogue(
          "RTSP",
          "C: OPTIONS rtsp://h/a RTSP/1.0\nC: CSeq: 1\nC: \nS: RTSP/1.0 200 OK\nS: CSeq: 1\nS: \n"
          "C: DESCRIBE rtsp://h/a RTSP/1.0\nC: \nS: RTSP/1.0 404 Not Found\nS: \n"),
      dialogue("SIP",
               "C: OPTIONS sip:b@h SIP/2.0\nC: Call-ID: 1\nC: \nS: SIP/2.0 200 OK\nS: Call-ID: "
               "1\nS: \n"),
      dialogue("PING and +PONG, of whom it may be", "C: PING\nS: +PONG\nC: PING\nS: +PONG\n"),
      dialogue("Redis by hand",
               "C: PING\nS: +PONG\nC: SET k v\nS: +OK\nC: GET k\nS: $1\nS: v\nC: QUIT\nS: +OK\n"),
  };
  return kAll;
}

// The sniff result for the first bytes, if only these have come.
inline int sniffed(const Protocol& protocol, std::string_view bytes) {
  bytes = bytes.substr(0, WEFT_SNIFF_LEN);
  return protocol.sniff(reinterpret_cast<const unsigned char*>(bytes.data()),
                        static_cast<unsigned>(bytes.size()));
}

// Plays the parts in pieces, from the first part that the sniffer accepts. The connection's role
// comes from who opened it, or, for a late connection, from the sniffer.
inline void expect_no_span_from(const Protocol& protocol, const Dialogue& said, size_t from,
                                size_t piece, Role role) {
  SessionOptions options;
  options.role = role;
  SessionDriver d(protocol, options);
  if (from > 0) d.joined_late();
  bool known = false, client_asks = true;
  for (size_t i = from; i < said.parts.size(); ++i) {
    const auto& [by_client, bytes] = said.parts[i];
    const int result = known ? 0 : sniffed(protocol, std::string_view(bytes).substr(0, piece));
    if (result != WEFT_SNIFF_NO) {
      client_asks = (result == WEFT_SNIFF_RESPONSE) != by_client;
      known = client_asks || from > 0;
    }
    if (known)
      d.bytes(by_client == client_asks ? Direction::kRequest : Direction::kResponse, bytes, piece);
  }
  d.finish();
  EXPECT_TRUE(d.ended().empty()) << said.protocol << " from part " << from << " in pieces of "
                                 << piece << ": " << d.ended().front().outcome.name;
}

// From the beginning and from every part; in one piece and in every small size; both roles. own:
// the dialogue of the protocol itself.
inline void expect_no_span(const Protocol& protocol, std::string_view own = {}) {
  for (const Dialogue& said : line_dialogues()) {
    if (said.protocol == own) continue;
    for (const Role role : {Role::kServer, Role::kClient}) {
      for (size_t from = 0; from < said.parts.size(); ++from) {
        expect_no_span_from(protocol, said, from, SIZE_MAX, role);
        for (size_t piece = 1; piece < 40; ++piece)
          expect_no_span_from(protocol, said, from, piece, role);
      }
    }
  }
}

// The same for the session alone, without a sniffer.
inline void expect_no_span_of_the_session(const Protocol& protocol, std::string_view own = {}) {
  for (const Dialogue& said : line_dialogues()) {
    if (said.protocol == own) continue;
    for (const bool swapped : {false, true}) {
      for (size_t from = 0; from < said.parts.size(); ++from) {
        SessionDriver d(protocol);
        for (size_t i = from; i < said.parts.size(); ++i) {
          const auto& [by_client, bytes] = said.parts[i];
          d.bytes(by_client != swapped ? Direction::kRequest : Direction::kResponse, bytes);
        }
        d.finish();
        EXPECT_TRUE(d.ended().empty()) << said.protocol << " from part " << from;
      }
    }
  }
}

}  // namespace weft::test
