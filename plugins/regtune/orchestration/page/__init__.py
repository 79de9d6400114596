"""The page that operations live on, behind Airflow's own login and permissions."""
