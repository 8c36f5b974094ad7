# SPDX-License-Identifier: Apache-2.0
"""A real Kafka broker (KRaft, one node) from Maven, on loopback:

    with Kafka() as kafka:      # .address; .sasl_address asks for SASL PLAIN, weft / right
        kafka.create(topic, partitions=2)
        kafka.read(topic, count)    # [(partition, key, payload)]
"""
import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile

from backend import eventually, free_ports
from fetched import jars, python_packages

JARS = ("org.apache.kafka:kafka_2.13:4.1.1", "org.slf4j:slf4j-simple:1.7.36")
CLUSTER = "d2VmdC10ZXN0LWNsdXN0ZQ"  # 16 bytes in base64
CLIENT = "confluent-kafka==2.6.1"
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_PLAINTEXT://127.0.0.1:{sasl},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_PLAINTEXT://127.0.0.1:{sasl}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config={login} user_weft="right";
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""
# Runs with confluent-kafka, which the test's own Python need not have.
CREATE = """
import sys
from confluent_kafka.admin import AdminClient, NewTopic
topic = NewTopic(sys.argv[2], int(sys.argv[3]), 1, config=dict(a.split("=") for a in sys.argv[4:]))
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
admin.create_topics([topic])[sys.argv[2]].result(30)
"""
READ = """
import json, sys, time
from confluent_kafka import Consumer
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "check", "auto.offset.reset": "earliest"})
consumer.subscribe([sys.argv[2]])
found, end = [], time.monotonic() + 60
while len(found) < int(sys.argv[3]) and time.monotonic() < end:
    message = consumer.poll(0.5)
    if message and not message.error():
        found.append((message.partition(), message.key().decode(), message.value().hex()))
consumer.close()
print(json.dumps(found))
"""


class Kafka:
    def __init__(self):
        self.classpath = f"{jars('Kafka', *JARS)}/*"
        self.python, self.environment = python_packages(CLIENT)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-kafka-"))
        self.plain, self.sasl, controller = free_ports(3)
        self.properties = self.folder / "server.properties"
        self.properties.write_text(PROPERTIES.format(plain=self.plain, sasl=self.sasl, controller=controller,
                                                     folder=self.folder, login=LOGIN))
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.plain}"

    @property
    def sasl_address(self):
        return f"127.0.0.1:{self.sasl}"

    def __enter__(self):
        java = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-cp", self.classpath]
        log = self.folder / "log"
        with open(log, "wb") as out:
            subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c",
                            self.properties], stdout=out, stderr=out, check=True, timeout=60)
            self.process = subprocess.Popen([*java, "kafka.Kafka", self.properties], stdout=out, stderr=out)
        try:
            eventually(self.ready, "Kafka starts")
        except BaseException:
            print(log.read_text(errors="replace")[-3000:])
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()  # nothing of it is kept
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"Kafka ended with {self.process.returncode}")
        with contextlib.closing(socket.create_connection(("127.0.0.1", self.plain), 1)):
            return True

    def create(self, topic, partitions=1, **config):
        settings = [f"{key.replace('_', '.')}={value}" for key, value in config.items()]
        self.run(CREATE, topic, str(partitions), *settings)

    def read(self, topic, count):
        """At least `count` messages from the topic's beginning."""
        return [(partition, key, bytes.fromhex(payload))
                for partition, key, payload in json.loads(self.run(READ, topic, str(count)))]

    def run(self, program, *arguments):
        result = subprocess.run([self.python, "-c", program, self.address, *arguments], env=self.environment,
                                capture_output=True, text=True, timeout=120, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"Kafka's client: {result.stderr.strip()[-500:]}")
        return result.stdout
