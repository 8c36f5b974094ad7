// SPDX-License-Identifier: Apache-2.0
// Orders on a Java thread pool with JDBC, a connection a thread: java Orders PORT DB_PORT.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.Executors;

public class Orders {
  static final ThreadLocal<Connection> connection = new ThreadLocal<>();
  static String database;

  static Connection mine() throws SQLException {
    if (connection.get() == null) {
      connection.set(DriverManager.getConnection(
          "jdbc:postgresql://127.0.0.1:" + database + "/bench?user=postgres&sslmode=disable"));
    }
    return connection.get();
  }

  static void order(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String number = path.substring(path.lastIndexOf('/') + 1);
    String text = "insert into orders select 1 as order" + number;
    try (PreparedStatement statement = mine().prepareStatement(text)) {
      statement.executeUpdate();
    } catch (SQLException error) {
      throw new IOException(error);
    }
    byte[] body = "leaf\n".getBytes();
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.getResponseBody().close();
  }

  public static void main(String[] args) throws IOException {
    database = args[1];
    int port = Integer.parseInt(args[0]);
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 256);
    server.createContext("/", Orders::order);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.start();
  }
}
