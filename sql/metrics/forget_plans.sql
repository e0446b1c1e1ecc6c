-- Plan each statement of this connection anew the next time.
discard plans;
