-- From the environment, so that no password is in a file or among a process's arguments.
\getenv writer WRITER_PASSWORD
\getenv reader READER_PASSWORD
alter role dora_writer password :'writer';
alter role dora_reader password :'reader';
