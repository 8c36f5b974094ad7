// SPDX-License-Identifier: Apache-2.0
// A hop of the chain on a Java thread pool with HttpURLConnection: java Hop PORT [NEXT_PORT].
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.Executors;

public class Hop {
  static String next;

  static byte[] body(String path) throws IOException {
    if (next == null) {
      return "leaf\n".getBytes();
    }
    try (InputStream answer = new URL("http://127.0.0.1:" + next + path).openStream()) {
      return answer.readAllBytes();
    }
  }

  static void hop(HttpExchange exchange) throws IOException {
    byte[] body = body(exchange.getRequestURI().getPath());
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.getResponseBody().close();
  }

  public static void main(String[] args) throws IOException {
    next = args.length > 1 ? args[1] : null;
    int port = Integer.parseInt(args[0]);
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 256);
    server.createContext("/", Hop::hop);
    server.setExecutor(Executors.newFixedThreadPool(64));
    server.start();
  }
}
