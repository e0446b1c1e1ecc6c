-- Plan each statement of this connection anew, for the tables that its names mean then.
discard plans;
