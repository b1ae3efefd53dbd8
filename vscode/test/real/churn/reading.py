import pandas as pd

customers = pd.read_csv("customers.csv")
print(customers.describe())
