"""All that imports airflow; never part of the zipapp."""
