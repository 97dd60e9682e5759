-- As root on the MySQL of each name below; the password is what `render` asks for in the Secret of that database.
-- meta: what is about people and rooms
CREATE DATABASE respring_meta CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE respring_user CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE respring_room CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE respring_notification CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- shard-0 … shard-3: one each
CREATE DATABASE respring_shard_0 CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE respring_shard_1 CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE respring_shard_2 CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE respring_shard_3 CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- on each
CREATE USER 'respring'@'%' IDENTIFIED BY '…';
GRANT ALL ON `respring\_%`.* TO 'respring'@'%';
