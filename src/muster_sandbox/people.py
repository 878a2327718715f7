"""Given names, family names and firm names from which people and agencies are made up."""

from __future__ import annotations

GIVEN_NAMES = tuple(
    """
Aaliyah Aaron Abigail Adaeze Adam Adrián Ahmed Aiko Alejandra Alice Amara Amélie Amir Ana Anders André Angela Anika
Anthony Antonio Anya Arjun Asha Astrid Ava Bao Beatriz Benjamin Bianca Björn Brandon Brenda Brian Camila Carlos Carmen
Caroline Catherine Cedric Chen Chidi Chioma Chloé Christopher Claire Claudia Cynthia Daichi Daniel Darnell David Deborah
Deepak Denise Desmond Diego Dmitri Dolores Donna Eduardo Eleanor Elena Elijah Emeka Emily Emmanuel Erin Esperanza Esther
Ethan Eun-ji Fatima Felipe Femi Fernanda Finn François Gabriela George Gloria Grace Gregory Hadiya Hannah Hao Haruka
Hassan Hector Helen Henry Hiroshi Hye-jin Ibrahim Imani Ines Ingrid Isabel Isaiah Ivan Jaden Jamal James Jane Jasmine
Javier Jennifer Jérôme Jessica Jin Joanna John Jorge José Joseph Joyce Juan Julia Kaito Karen Karthik Katarzyna Kavita
Kehinde Keisha Kenji Kevin Khadija Kim Kofi Kwame Lakshmi LaToya Laura Leila Leonard Li Liam Linda Lucía Luis Lukas
Magdalena Malik Manuel Marcus Margaret María Mariana Marisol Mark Martha Mary Mateo Matthew Mei Melissa Mia Michael
Miguel Mikhail Minh Miriam Mohammed Monica Mónica Nadia Naomi Natalia Nathan Ngozi Nguyet Nia Nicholas Nikhil Noah
Nora Oleg Olivia Omar Oscar Pablo Patricia Patrick Paul Pedro Peter Phuong Priya Quentin Rachel Rafael Raj Ramón Rania
Rebecca René Ricardo Robert Rosa Ruth Ryan Sakura Samantha Samuel Sandra Sanjay Santiago Sara Sean Sebastián Shanice
Sharon Shreya Siddharth Simone Sofía Soo-ah Stephanie Steven Sunita Susan Svetlana Tamika Tariq Tatiana Terrence Thanh
Theresa Thomas Tomás Tyrone Uchenna Valentina Vanessa Vijay Vikram Víctor Walter Wei Wendy William Xavier Ximena Yasmin
Yolanda Yuki Yusuf Zainab Zoe
""".split()
)

FAMILY_NAMES = tuple(
    """
Abara Abdi Abernathy Acosta Adebayo Adeyemi Aguilar Ahmad Akande Alcántara Alderman Alvarez Amin Andersen Anderson Antić
Aoki Araújo Arslan Ashworth Asante Avila Azikiwe Baker Balakrishnan Banerjee Barrera Bauer Becker Beltrán Benítez Berg
Bergström Bianchi Blackwood Boateng Bondarenko Booker Bouchard Bradshaw Brennan Brightwater Brooks Brown Cabrera Calderón
Campbell Cárdenas Carlisle Carver Castellanos Castillo Chandra Chang Chaudhry Chávez Chen Cheng Cho Choi Clark Coleman
Contreras Cooper Cruz Dalton Danjuma Davenport Davis Delacroix Delgado Desai Diallo Díaz Dimitrov Dominguez Donnelly Dorsey
Drummond Duarte Dubois Duong Eason Eklund Ellison Eriksen Escobar Espinoza Estrada Evans Farah Farrow Fernández Ferreira
Fischer Fitzgerald Flores Fofanah Fontaine Foster Franklin Freeman Friedman Fujimoto Gallagher García Ghosh Gibbs Gill
Goldberg Gómez González Goodwin Graham Greene Guerrero Guillory Gupta Gutiérrez Haddad Hakimi Hamilton Hansen Harper Hassan
Hawkins Hayashi Henderson Hernández Herrera Hirsch Ho Hoang Holloway Horvath Hossain Hsu Huang Hughes Huynh Ibarra
Ikeda Iyer Jackson Jakobsen James Jansen Jefferson Jensen Jiménez Jin Johansson Johnson Jones Joshi Juárez Kaminski Kang
Kapoor Karlsson Katz Kaur Kelly Khan Khoury Kim Kiplagat Kobayashi Koh Kovács Kowalczyk Kumar Kurosawa Kwon Lam Landry
Larsen Lau Le Leblanc Lee Levi Lewis Li Lim Lin Liu Lombardi Longfellow López Lozano Lucero Luong Ma MacDonald Macías
Mahmood Maldonado Malhotra Mansour Marchetti Márquez Martin Martínez Mbeki McAllister McCarthy Mehta Meier Mendoza Mercado
Meyer Miller Mitchell Mohamed Molina Montgomery Moore Morales Moreau Moreno Morgan Morrison Mukherjee Muñoz Murphy Musa
Nakamura Navarro Ndiaye Nguyen Nielsen Nkemelu Novak Nowak Núñez Nwosu Nyong O'Brien O'Connor O'Malley Obi Ochoa Odom
Okafor Okonkwo Oliveira Olsen Ono Orozco Ortega Ortiz Osei Owens Pacheco Padilla Palmer Pappas Park Parker Patel
Pearson Peña Pereira Pérez Petersen Petrov Pham Phan Pierce Popov Porter Powell Prakash Price Qureshi Quintana
Ramírez Ramos Rao Rasmussen Reddy Redfeather Reed Reyes Rhee Richardson Rivera Roberts Robinson Rodríguez Romero Rosen
Rossi Roy Ruiz Russo Saito Salazar Saleh Sánchez Sandoval Santana Santos Sato Schmidt Schneider Schwartz Scott Sesay
Shah Shapiro Sharma Shevchenko Shimizu Silva Simmons Singh Sithole Smith Söderberg Sokolov Solís Song Soto Sousa
Stein Stewart Suárez Sullivan Sun Suzuki Takahashi Talbot Tan Tanaka Taylor Tesfaye Thibodeaux Thomas Thompson Tkachenko Tran Trujillo
Tsai Turner Ueda Uddin Valdez Valencia Vargas Vásquez Vega Vo Volkov Wagner Walker Wang Washington Watanabe Weaver Weber
Weiss Whitehorse Williams Wilson Wójcik Wong Wood Wright Wu Yamamoto Yang Yazzie Yoder Yoon Young Yu Zamora Zhang Zhao
Zhou Zimmerman
""".split()
)

SUFFIXES = ("Jr", "Sr", "II", "III")

FIRM_FIRST = tuple(
    """
Amberline Anchorpoint Ashgrove Beaconfield Birchbark Bluegate Brightwell Canyonview Castlebrook Clearwater Coppergate
Driftwood Eastbridge Elmstead Fairhaven Fieldstone Foxhollow Glenrock Greenlantern Harborlight Hearthside Highmeadow
Ironwood Kingsbarrow Lakeshore Lanternhill Maplecrest Millbrook Northgate Oakenshield Pinecrest Quarryside Redbarn
Ridgeway Riverbend Saltmarsh Silverbirch Stonebridge Sunfield Tallgrass Thornbury Timberline Valleyforge Westlake
Whitecap Willowbank Windrush Wolfcreek Yellowstem Zephyr
""".split()
)
FIRM_SECOND = (
    "Insurance Agency",
    "Insurance Group",
    "Brokerage",
    "Benefits",
    "Risk Partners",
    "Financial Services",
    "Insurance Services",
    "General Agency",
    "Advisors",
    "Underwriters",
)
FIRM_FORM = ("LLC", "Inc.", "Corp.", "LLP", "Co.")
