// SPDX-License-Identifier: Apache-2.0
// com.sun.net.httpserver with a thread pool: java Server PORT. Answers as routes.py says.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

public class Server {
  static final byte[] LARGE = "abcdefghijklmnopqrstuvwxyz".repeat(40346).getBytes();

  static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
    }
    exchange.sendResponseHeaders(status, head || content.length == 0 ? -1 : content.length);
    if (!head && content.length > 0) {
      exchange.getResponseBody().write(content);
    }
  }

  static void sendChunked(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    for (int n = 1; n <= 5; n++) {
      exchange.getResponseBody().write(("piece " + n + " of five\n").repeat(50).getBytes());
      exchange.getResponseBody().flush();
    }
  }

  static void serve(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    exchange.getResponseHeaders().set("Content-Type", "text/plain");
    switch (path.substring(path.lastIndexOf('/') + 1)) {
      case "ok" -> send(exchange, 200, "ok\n".getBytes());
      case "echo" -> send(exchange, 200, body);
      case "fail" -> send(exchange, 500, "it failed\n".getBytes());
      case "chunked" -> sendChunked(exchange);
      case "large" -> send(exchange, 200, LARGE);
      default -> send(exchange, 404, "nothing here\n".getBytes());
    }
    exchange.getResponseBody().close();
  }

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 128);
    server.createContext("/", Server::serve);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.start();
  }
}
